using Weir.Agent.Collection;
using Weir.Agent.Collectors.Linux.Systemd;
using Weir.Agent.Events;
using Weir.Frames;

namespace Weir.Agent.Tests.Collectors.Systemd;

/// <summary>The newest records of the journal, by a scripted journalctl.</summary>
public sealed class JournalReaderTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static SourceException Refused(string script, string? unit = null)
    {
        using var program = new ScriptedProgram(script);
        return Assert.Throws<SourceException>(() => new JournalReader(program.Program, Patience).Read(unit, 20));
    }

    [Fact]
    public void Read_Records_AreAskedForInReverseAndReadLineByLine()
    {
        using var program = new ScriptedProgram("cat \"$HERE/out\"")
        {
            ["out"] = """
                {"__REALTIME_TIMESTAMP":"1767225604000123","_SYSTEMD_UNIT":"ssh.service","SYSLOG_IDENTIFIER":"sshd","PRIORITY":"3","MESSAGE":"Connection closed"}
                {"__REALTIME_TIMESTAMP":"1767225603000000","_TRANSPORT":"kernel","PRIORITY":"4","MESSAGE":[98,97,100,27]}
                nonsense
                {"__REALTIME_TIMESTAMP":"1767225602000000","SYSLOG_IDENTIFIER":"cron","MESSAGE":null}

                """,
        };
        Assert.Equal(
            [
                new EventRecord(new DateTimeOffset(2026, 1, 1, 0, 0, 4, TimeSpan.Zero).AddMicroseconds(123), "err", "ssh.service", null, "Connection closed"),
                new EventRecord(new DateTimeOffset(2026, 1, 1, 0, 0, 3, TimeSpan.Zero), "warning", "kernel", null, "bad\u001b"),
                new EventRecord(new DateTimeOffset(2026, 1, 1, 0, 0, 2, TimeSpan.Zero), "info", "cron", null, "(longer than journalctl shows)"),
            ],
            new JournalReader(program.Program, Patience).Read("ssh.service", 3));
        string call = Assert.Single(program.Calls);
        Assert.Contains("--reverse", call, StringComparison.Ordinal);
        Assert.EndsWith("--lines=3 --unit=ssh.service", call, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_WithoutTheRight_SaysWhichItNeeds()
    {
        SourceException refused = Refused("echo 'Hint: You are currently not seeing messages from other users and the system.' >&2; echo '{}'");
        Assert.Equal(FailureReason.AccessDenied, refused.Reason);
        Assert.Contains("group systemd-journal", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo 'No journal files were found.' >&2", null, ": No journal files were found.")]
    [InlineData("exit 0", null, "the journal has no records")]
    [InlineData("exit 0", "x.service", "the journal has no records of a unit x.service")]
    [InlineData("exit 3", null, " ended with 3")]
    [InlineData("head -c 17000000 /dev/zero", null, " bytes: ask for fewer records")]
    public void Read_NothingToRead_SaysWhy(string script, string? unit, string said) => Assert.EndsWith(said, Refused(script, unit).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_WithoutJournalctl_IsNotHere()
    {
        SourceException refused = Assert.Throws<SourceException>(static () => new JournalReader("/nowhere/journalctl", Patience).Read(null, 1));
        Assert.Equal((FailureReason.NotHere, "/nowhere/journalctl is not here: this host has no systemd journal"), (refused.Reason, refused.Message));
    }

    [Fact]
    public void Read_ProgramThatHangs_IsGivenUp()
    {
        using var program = new ScriptedProgram("exec sleep 600");
        Assert.Equal(FailureReason.Stuck, Assert.Throws<SourceException>(() => new JournalReader(program.Program, TimeSpan.FromMilliseconds(50)).Read(null, 1)).Reason);
    }
}
