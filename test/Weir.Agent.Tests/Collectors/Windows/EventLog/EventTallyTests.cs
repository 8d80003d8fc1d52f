using Weir.Agent.Collectors.Windows.EventLog;

namespace Weir.Agent.Tests.Collectors.Windows.EventLog;

public sealed class EventTallyTests
{
    private readonly EventTally _tally = new(["System", "Application"]);

    private string[] Counts() => [.. _tally.Counts.Select(count => $"{_tally.Channels[count.Channel]} {count.Provider} {count.Level} {count.Records}")];

    [Fact]
    public void Add_ChannelsProvidersAndLevels_AreCountedApart()
    {
        _tally.Add(0, "Disk", 2);
        _tally.Add(0, "Disk", 2);
        _tally.Add(0, "Disk", 3);
        _tally.Add(1, "Disk", 2);
        _tally.Add(0, "disk", 2);
        Assert.Equal(["System Disk error 2", "System Disk warning 1", "Application Disk error 1", "System disk error 1"], Counts());
    }

    [Theory]
    [InlineData(0, "information")]
    [InlineData(1, "critical")]
    [InlineData(2, "error")]
    [InlineData(3, "warning")]
    [InlineData(4, "information")]
    [InlineData(5, "verbose")]
    [InlineData(6, "custom")]
    [InlineData(255, "custom")]
    public void Add_Level_HasTheSystemsName(int level, string name)
    {
        _tally.Add(0, "P", level);
        Assert.Equal([$"System P {name} 1"], Counts());
    }

    [Fact]
    public void Add_MoreProvidersThanMay_TheFirstKeepTheirCountsAndTheRestIsOther()
    {
        for (int provider = 0; provider < 60; provider++) _tally.Add(0, $"P{provider}", 4);
        _tally.Add(0, "P0", 4);
        _tally.Add(0, "P59", 2);
        _tally.Add(1, "P59", 4);
        string[] counts = Counts();
        Assert.Equal(EventTally.MaxProviders + 3, counts.Length);
        Assert.Contains("System P0 information 2", counts);
        Assert.Contains("System other information 10", counts);
        Assert.Contains("System other error 1", counts);
        Assert.Contains("Application P59 information 1", counts);
        Assert.Equal(63, _tally.Counts.Sum(static count => count.Records));
    }

    [Fact]
    public void Add_ProviderCalledOther_TakesNoPlaceOfAProvider()
    {
        _tally.Add(0, "other", 4);
        for (int provider = 0; provider < 50; provider++) _tally.Add(0, $"P{provider}", 4);
        Assert.Contains("System P49 information 1", Counts());
    }

    [Fact]
    public void Add_NoNameOrALongOne_HasOneThatFits()
    {
        _tally.Add(0, "", 4);
        _tally.Add(0, "", 4);
        _tally.Add(0, new string('x', 300), 4);
        _tally.Add(0, new string('x', 300), 4);
        Assert.Equal(["System unnamed information 2", $"System {new string('x', 256)} information 2"], Counts());
    }

    [Fact]
    public void Add_KnownProviders_AllocatesNothing()
    {
        for (int provider = 0; provider < 60; provider++) _tally.Add(0, $"P{provider}", 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int record = 0; record < 1000; record++)
        {
            _tally.Add(0, "P7", 4);
            _tally.Add(0, "P59", 4);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
