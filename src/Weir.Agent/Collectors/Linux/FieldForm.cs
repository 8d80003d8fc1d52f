namespace Weir.Agent.Collectors.Linux;

/// <summary>How a kernel file writes its keys and values.</summary>
internal enum FieldForm
{
    /// <summary><c>Key:  value unit</c> a line: meminfo.</summary>
    Colon,

    /// <summary><c>key value</c> a line: vmstat, snmp6, stat.</summary>
    Words,

    /// <summary><c>Group: key key</c>, then <c>Group: value value</c>: snmp, netstat. A key is called <c>Group.key</c>.</summary>
    Pairs,

    /// <summary><c>Group: key value key value</c> a line: sockstat. A key is called <c>Group.key</c>.</summary>
    Groups,

    /// <summary><c>Key number number</c> a line: nfs. A value is called <c>Key.position</c>, from 0.</summary>
    Lists,

    /// <summary><c>key type value</c> a line: arcstats.</summary>
    Kstat,

    /// <summary>Numbers alone: file-nr. A key is the position, from 0.</summary>
    Numbers,

    /// <summary>A line of keys, then a line of hexadecimal 32-bit counters for each processor, summed in 64 bit: nf_conntrack.</summary>
    HexTable,

    /// <summary>A line of hexadecimal 32-bit counters for each processor, summed in 64 bit: softnet_stat. A key is the position, from 0.</summary>
    HexRows,
}
