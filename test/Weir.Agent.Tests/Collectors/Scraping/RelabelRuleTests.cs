using Weir.Agent.Collectors.Scraping;

namespace Weir.Agent.Tests.Collectors.Scraping;

public sealed class RelabelRuleTests
{
    private const string Text = "disk_reads_total{device=\"sda\",kind=\"ssd\"} 1\ndisk_reads_total{device=\"loop0\",kind=\"file\"} 2\ngo_goroutines 3\n";

    private static Dictionary<string, double>.KeyCollection Kept(params RelabelRule[] rules)
    {
        using var probe = new ScrapeProbe(ScrapeProbe.At("http://localhost/") with { Relabel = rules });
        probe.Take(Text);
        return probe.Values.Keys;
    }

    private static RelabelRule Rule(RelabelAction action, string pattern, params string[] source) => new() { Action = action, Pattern = new LabelPattern(pattern), SourceLabels = source };

    [Fact]
    public void Drop_ByName_MatchesAllOfIt()
    {
        Assert.Equal(["disk_reads_total{device=loop0,kind=file}", "disk_reads_total{device=sda,kind=ssd}"], Kept(Rule(RelabelAction.Drop, "go_.*", "__name__")));
        Assert.Equal(3, Kept(Rule(RelabelAction.Drop, "go_", "__name__")).Count);
    }

    [Fact]
    public void Keep_BySeveralLabels_JoinsThemWithTheSeparator() =>
        Assert.Equal(["disk_reads_total{device=sda,kind=ssd}"], Kept(Rule(RelabelAction.Keep, "sda|loop.", "device"), Rule(RelabelAction.Keep, "sda;ssd", "device", "kind")));

    [Fact]
    public void Replace_WithGroups_SetsOrRemovesALabel()
    {
        RelabelRule both = Rule(RelabelAction.Replace, "(?P<dev>[a-z]+)(.*);(.+)", "device", "kind");
        Assert.Equal(
            ["disk_reads_total{device=loop0,disk=loop-file$,kind=file}", "disk_reads_total{device=sda,disk=sda-ssd$,kind=ssd}", "go_goroutines"],
            Kept(new RelabelRule { SourceLabels = both.SourceLabels, Pattern = new LabelPattern("([a-z]+)(.*);(.+)"), Target = new Replacement("disk"), Value = new Replacement("$1-${3}$$") }));
        Assert.Contains("disk_reads_total{device=sda,disk=sda,kind=ssd}", Kept(new RelabelRule { SourceLabels = both.SourceLabels, Pattern = both.Pattern, Target = new Replacement("disk"), Value = new Replacement("${dev}$nothing$1x") }));
        Assert.Contains("disk_reads_total{device=sda}", Kept(new RelabelRule { Pattern = new LabelPattern(".*"), Target = new Replacement("kind"), Value = new Replacement("") }));
    }

    [Fact]
    public void Replace_OfTheName_RenamesTheMetric() =>
        Assert.Contains("threads", Kept(new RelabelRule { SourceLabels = ["__name__"], Pattern = new LabelPattern("go_goroutines"), Target = new Replacement("__name__"), Value = new Replacement("threads") }));

    [Fact]
    public void Replace_OfTheNameByWhatIsNone_DropsAndCounts()
    {
        var rule = new RelabelRule { SourceLabels = ["__name__"], Pattern = new LabelPattern("go_(.*)"), Target = new Replacement("__name__"), Value = new Replacement("no name") };
        using var probe = new ScrapeProbe(ScrapeProbe.At("http://localhost/") with { Relabel = [rule] });
        probe.Take(Text);
        Assert.Equal((2, 1), (probe.Values.Count, probe.Collector.DroppedOf(ScrapeDrop.Invalid)));
    }

    [Fact]
    public void LabelDrop_LabelKeep_LabelMap_GoByNames()
    {
        Assert.Contains("disk_reads_total{device=sda}", Kept(Rule(RelabelAction.LabelDrop, "ki.d")));
        Assert.Contains("disk_reads_total{device=sda}", Kept(Rule(RelabelAction.LabelKeep, "__name__|device|job|instance")));
        Assert.Contains("disk_reads_total{a_device=sda,device=sda,kind=ssd}", Kept(new RelabelRule { Action = RelabelAction.LabelMap, Pattern = new LabelPattern("(device)"), Value = new Replacement("a_$1") }));
    }

    [Fact]
    public void LabelsThatBecomeEqual_AreDuplicates_AndTheFirstCounts()
    {
        using var probe = new ScrapeProbe(ScrapeProbe.At("http://localhost/") with { Relabel = [Rule(RelabelAction.LabelDrop, "device|kind")] });
        probe.Take(Text);
        Assert.Equal(1, probe.Values["disk_reads_total"]);
        Assert.Equal(1, probe.Collector.DroppedOf(ScrapeDrop.Duplicate));
    }

    [Fact]
    public void LabelsForTheRulesAlone_AndOnesOfTheHost_DoNotComeThrough() => Assert.Contains(
        "go_goroutines{exported_host_name=x}",
        Kept(
            new RelabelRule { Target = new Replacement("__tmp"), Value = new Replacement("x") },
            new RelabelRule { SourceLabels = ["__tmp"], Target = new Replacement("host_name") }));

    [Fact]
    public void Equals_SameTexts_AndNothingElse()
    {
        RelabelRule[] rules = [Rule(RelabelAction.Keep, "a", "x", "y"), Rule(RelabelAction.Keep, "b", "x", "y"), Rule(RelabelAction.Keep, "a", "x", "z")];
        Assert.Equal(Rule(RelabelAction.Keep, "a", "x", "y"), rules[0]);
        Assert.Equal(Rule(RelabelAction.Keep, "a", "x", "y").GetHashCode(), rules[0].GetHashCode());
        Assert.Equal(rules.Length, rules.Distinct().Count());
        Assert.Equal(rules.Length, rules.Select(static rule => rule.GetHashCode()).Distinct().Count());
    }

    // With going back this takes longer than anybody waits.
    [Fact]
    public void Pattern_ThatGrowsExponentiallyElsewhere_Ends()
    {
        RelabelRule rule = Rule(RelabelAction.Keep, "(a|aa|a?)*b", "x");
        Assert.False(rule.Apply(new SortedDictionary<string, string> { ["x"] = new('a', 4096) }));
    }
}
