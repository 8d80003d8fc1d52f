using System.Globalization;
using System.Text;
using Weir.Log;

namespace Weir.Agent.Identity;

/// <summary>The file <c>agent</c> in the data directory: <see cref="AgentState"/> as text, replaced in one step.</summary>
/// <remarks>
/// Lines: <c>weir-agent 2</c>, <c>id HEX</c>, <c>starts N</c>, <c>clock N</c>, <c>machine HEX HEX</c> (<c>-</c> for unknown), up to eight of <c>former HEX N</c>, <c>crc HEX</c> over the lines before.
/// Version 1 had neither machine nor former ids.
/// </remarks>
internal sealed class AgentStateFile(IFileSystem files, string directory)
{
    private const string Name = "agent";
    private const string Kind = "weir-agent";
    private const int Version = 2;
    private const int MaxBytes = 1024;

    private string Path => System.IO.Path.Combine(directory, Name);

    /// <summary>Reads the state; null where the agent has never run here.</summary>
    /// <exception cref="AgentDataException">The file is damaged or of a newer version.</exception>
    public AgentState? Read()
    {
        if (!files.FileExists(Path)) return null;
        var bytes = new byte[MaxBytes];
        using IFile file = files.Open(Path, write: false);
        string text = Encoding.ASCII.GetString(bytes, 0, file.Read(0, bytes));
        string[] lines = text.Split('\n');
        if (lines[0].Split(' ') is not [Kind, var version] || !int.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out int number)) throw Damaged();
        if (number > Version) throw new AgentDataException(AgentDataError.NewerFormat, Path, $"{Path} has version {number}, this program knows up to {Version}: run the newer version that wrote it");
        int crcAt = text.LastIndexOf("crc ", StringComparison.Ordinal);
        if (lines.Length < 6 || crcAt < 0 || lines[^2] != Crc(text[..crcAt])
            || lines[1].Split(' ') is not ["id", var id] || !AgentId.TryParse(id, out AgentId agent)
            || lines[2].Split(' ') is not ["starts", var starts] || !uint.TryParse(starts, NumberStyles.None, CultureInfo.InvariantCulture, out uint startNumber)
            || lines[3].Split(' ') is not ["clock", var clock] || !uint.TryParse(clock, NumberStyles.None, CultureInfo.InvariantCulture, out uint generation)) throw Damaged();
        var state = new AgentState(agent, startNumber, generation);
        if (number == 1) return lines.Length == 6 ? state : throw Damaged();
        if (lines[4].Split(' ') is not ["machine", var os, var board] || !MachineMark.TryParse(os, board, out MachineMark machine) || lines.Length > 7 + AgentState.MaxFormer) throw Damaged();
        return state with { Machine = machine, Former = lines[5..^2].Select(line => TryReadFormer(line) ?? throw Damaged()).ToArray() };
    }

    private static FormerId? TryReadFormer(string line) =>
        line.Split(' ') is ["former", var id, var start] && AgentId.TryParse(id, out AgentId agent) && uint.TryParse(start, NumberStyles.None, CultureInfo.InvariantCulture, out uint last)
            ? new FormerId(agent, last)
            : null;

    /// <summary>Makes a state durable.</summary>
    public void Write(AgentState state)
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{Kind} {Version}\nid {state.AgentId}\nstarts {state.StartNumber}\nclock {state.ClockGeneration}\nmachine {state.Machine}\n");
        foreach (FormerId former in state.Former) text += string.Create(CultureInfo.InvariantCulture, $"former {former.Id} {former.LastStart}\n");
        files.Replace(directory, Name, Encoding.ASCII.GetBytes(text + Crc(text) + "\n"));
    }

    private static string Crc(string text) => string.Create(CultureInfo.InvariantCulture, $"crc {Crc32C.Compute(Encoding.ASCII.GetBytes(text)):x8}");

    /// <summary>What to say where a spool stands without the state it belongs to: its entries would go out under another name.</summary>
    public AgentDataException Missing() =>
        new(AgentDataError.Damaged, Path, $"{Path} is missing though there is a spool: restore it from a copy, or move the data directory away to let the agent start as a new one");

    private AgentDataException Damaged() =>
        new(AgentDataError.Damaged, Path, $"{Path} is damaged: restore it from a copy, or move the data directory away to let the agent start as a new one");
}
