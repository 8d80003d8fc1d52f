using Weir.Agent.Commands;
using Weir.Agent.Services;

namespace Weir.Agent.Tests.Services;

public sealed class ServiceCommandTests : IDisposable
{
    private readonly List<string> _made = [];
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("y\n", 0)]
    [InlineData("yes\n", 0)]
    [InlineData("n\n", 1)]
    [InlineData("\n", 1)]
    [InlineData("", 1)]
    public void MakeChanges_WithoutYes_AsksAndTakesOnlyYes(string answer, int code)
    {
        Assert.Equal(code, Make(false, answer, Change("one"), Change("two")));
        Assert.Equal(code == 0 ? ["one", "two"] : [], _made);
        Assert.Contains("  1. one\n  2. two\n", Shown(), StringComparison.Ordinal);
    }

    [Fact]
    public void MakeChanges_WithYes_AsksNothingAndShowsTheSame()
    {
        Assert.Equal(ExitCodes.Ok, Make(true, "", Change("one"), new ServiceChange("two", static () => "left out")));
        Assert.Equal("This changes:\n  1. one\n  2. two\n  1. done\n  2. left out\n", Shown());
    }

    [Fact]
    public void MakeChanges_OneFails_StopsAndSaysHowFarItCame()
    {
        Assert.Equal(ExitCodes.Failed, Make(true, "", Change("one"), ServiceChange.Of("two", static () => throw new ServiceException("do it", 5, "denied")), Change("three")));
        Assert.Equal(["one"], _made);
        Assert.Contains("2. do it: denied (code 5)", _error.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 of 3 changes were made", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunService_ElsewhereThanOnWindows_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "on Windows it is for the service control manager");
        Assert.Equal(ExitCodes.BadUsage, await AgentCommandLine.RunAsync(["run", "--service"], _output, _error));
        Assert.Contains("--service is for the service control manager of Windows", _error.ToString(), StringComparison.Ordinal);
    }

    private ServiceChange Change(string name) => ServiceChange.Of(name, () => _made.Add(name));

    private int Make(bool isAgreed, string answer, params ServiceChange[] changes)
    {
        using var input = new StringReader(answer);
        return ServiceCommand.MakeChanges(changes, isAgreed, input, _output, _error);
    }

    private string Shown() => _output.ToString().ReplaceLineEndings("\n");
}
