using System.Text;
using Weir.Agent.Identity;
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

        Assert.Equal(["weir-agent 1", "id 0123456789abcdef0000000000000005", "starts 7", "clock 3"], lines[..4]);
        Assert.Matches("^crc [0-9a-f]{8}$", lines[4]);
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
