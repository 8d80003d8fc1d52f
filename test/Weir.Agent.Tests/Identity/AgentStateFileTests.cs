using System.Text;
using Weir.Agent.Identity;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.FileSystem;

namespace Weir.Agent.Tests.Identity;

public sealed class AgentStateFileTests
{
    private readonly CrashFileSystem _files = new();
    private readonly AgentStateFile _file;

    public AgentStateFileTests()
    {
        _files.CreateDirectory("/d");
        _file = new AgentStateFile(_files, "/d");
    }

    [Fact]
    public void Read_Nothing_IsNull() => Assert.Null(_file.Read());

    [Fact]
    public void Write_SurvivesACrash()
    {
        var state = new AgentState(new AgentId(0x0123456789abcdef, 5), 7, 3);

        _file.Write(state);
        _files.Crash(new Random(1));

        Assert.Equal(state, new AgentStateFile(_files, "/d").Read());
    }

    [Fact]
    public void Write_Bytes_AreFrozen()
    {
        _file.Write(new AgentState(new AgentId(0x0123456789abcdef, 5), 7, 3));

        string[] lines = Encoding.ASCII.GetString(_files.Read("/d/agent")).Split('\n');

        Assert.Equal(["weir-agent 2", "id 0123456789abcdef0000000000000005", "starts 7", "clock 3", "machine - -"], lines[..5]);
        Assert.Matches("^crc [0-9a-f]{8}$", lines[5]);
    }

    [Fact]
    public void Write_MachineAndFormerIds_AreFrozenAndReadAgain()
    {
        var state = new AgentState(new AgentId(1, 2), 7, 3) { Machine = new MachineMark(0xab, null), Former = [new FormerId(new AgentId(3, 4), 5), new FormerId(new AgentId(5, 6), 7)] };
        _file.Write(state);

        string[] lines = Encoding.ASCII.GetString(_files.Read("/d/agent")).Split('\n');
        AgentState read = _file.Read()!;

        Assert.Equal(["machine 00000000000000ab -", "former 00000000000000030000000000000004 5", "former 00000000000000050000000000000006 7"], lines[4..7]);
        Assert.Equal((state.AgentId, state.Machine), (read.AgentId, read.Machine));
        Assert.Equal(state.Former, read.Former);
        Assert.Equal([new AgentId(3, 4), new AgentId(5, 6), new AgentId(1, 2)], new uint[] { 5, 6, 8 }.Select(read.IdOf));
    }

    [Fact]
    public void Read_Version1_IsAnAgentOfAnUnknownMachine()
    {
        const string text = "weir-agent 1\nid 0123456789abcdef0000000000000005\nstarts 7\nclock 3\n";
        _files.Replace("/d", "agent", Encoding.ASCII.GetBytes($"{text}crc {Crc32C.Compute(Encoding.ASCII.GetBytes(text)):x8}\n"));

        Assert.Equal(new AgentState(new AgentId(0x0123456789abcdef, 5), 7, 3), _file.Read());
    }

    [Fact]
    public void Machine_DiffersOnlyByWhatBothKnow()
    {
        MachineMark one = MachineMark.Of("system", "board");

        Assert.False(one.DiffersFrom(default));
        Assert.False(one.DiffersFrom(MachineMark.Of("SYSTEM\n", null)));
        Assert.True(one.DiffersFrom(MachineMark.Of("system", "another")));
        Assert.True(one.DiffersFrom(MachineMark.Of("another", null)));
        Assert.Equal(one, MachineMark.Of(null, "board").Or(one));
    }

    [Fact]
    public void Renamed_TooOften_KeepsItsId()
    {
        AgentState state = AgentState.New() with { StartNumber = 1 };
        for (uint i = 1; i <= AgentState.MaxFormer; i++) state = state.Renamed()! with { StartNumber = i + 1 };

        Assert.Null(state.Renamed());
    }

    [Fact]
    public void Read_AnyByteChanged_IsDamagedOrNewer()
    {
        _file.Write(AgentState.New() with { StartNumber = 12 });
        byte[] whole = _files.Read("/d/agent");

        for (int i = 0; i < whole.Length - 1; i++)
        {
            byte[] broken = [.. whole];
            broken[i] ^= 1;
            _files.Overwrite("/d/agent", broken);
            Assert.Throws<AgentDataException>(_file.Read);
        }
    }

    [Fact]
    public void Read_NewerVersion_SaysSo()
    {
        _files.Replace("/d", "agent", "weir-agent 9\n"u8);

        AgentDataException error = Assert.Throws<AgentDataException>(_file.Read);

        Assert.Equal(AgentDataError.NewerFormat, error.Error);
        Assert.Contains("version 9", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void New_DrawsAnotherIdEachTime()
    {
        Assert.NotEqual(AgentState.New().AgentId, AgentState.New().AgentId);
        Assert.NotEqual(AgentState.DrawEpoch(), AgentState.DrawEpoch());
    }
}
