using Weir.Agent.Configuration;

namespace Weir.Agent.Collectors.Scraping;

/// <summary>Reads a rule of <c>relabel</c>.</summary>
internal static class RelabelRuleReader
{
    private const int MaxLabels = 16, MaxTextLength = 1024;

    private static readonly string[] Actions = ["replace", "keep", "drop", "labeldrop", "labelkeep", "labelmap"];

    /// <summary>Reads a rule; what is wrong is among the section's errors.</summary>
    public static RelabelRule Read(YamlSection section)
    {
        RelabelAction action = section.Value("action", RelabelAction.Replace, TryAction, string.Join(", ", Actions), "write one of them; hashmod shares targets among several scrapers, which agents do not do");
        var rule = new RelabelRule
        {
            Action = action,
            SourceLabels = section.Texts("source_labels", MaxLabels, FrameLimits.MaxNameBytes, "names of labels"),
            Separator = section.Value("separator", ";", TryText, $"at most {MaxTextLength} characters", "shorten it"),
            Pattern = section.Value("regex", LabelPattern.Any, TryPattern, $"a regular expression of at most {LabelPattern.MaxLength} characters, without lookaround, back references and atomic groups", "mend it; it matches all of a text"),
            Target = new Replacement(section.Value("target_label", "", TryText, "a name of a label", "name the label that is set")),
            Value = new Replacement(section.Value("replacement", "$1", TryText, $"at most {MaxTextLength} characters", "shorten it")),
        };
        section.RefuseUnknown();
        foreach (string label in rule.SourceLabels)
            if (!PrometheusSyntax.IsLabelName(label)) section.Refuse("source_labels", "names of labels: letters, digits and '_'", $"'{label}' is none");
        CheckKeys(section, rule);
        return rule;
    }

    // A key that an action does not read is a rule that does something else than its author thinks.
    private static void CheckKeys(YamlSection section, RelabelRule rule)
    {
        string action = Actions[(int)rule.Action];
        bool byValue = rule.Action is RelabelAction.Replace or RelabelAction.Keep or RelabelAction.Drop;
        foreach (string key in section.Keys)
        {
            bool isRead = key switch
            {
                "source_labels" or "separator" => byValue,
                "target_label" => rule.Action == RelabelAction.Replace,
                "replacement" => rule.Action is RelabelAction.Replace or RelabelAction.LabelMap,
                _ => true,
            };
            if (!isRead) section.Refuse(key, $"no {key} with action {action}", "remove it, or change the action");
        }

        if (rule.Action is RelabelAction.Keep or RelabelAction.Drop && rule.SourceLabels.Count == 0) section.RefuseAbsent("source_labels", $"labels whose values are matched, with action {action}", "name them, as in [__name__]");
        if (rule.Action != RelabelAction.Replace) return;
        if (rule.Target.Text.Length == 0) section.RefuseAbsent("target_label", "the label that is set, with action replace", "name it");
        else if (!rule.Target.HasGroups && !PrometheusSyntax.IsLabelName(rule.Target.Text)) section.Refuse("target_label", "a name of a label: letters, digits and '_'", "mend it");
    }

    private static bool TryAction(string text, out RelabelAction value)
    {
        int index = Array.IndexOf(Actions, text.ToLowerInvariant());
        value = index < 0 ? default : (RelabelAction)index;
        return index >= 0;
    }

    private static bool TryText(string text, out string value)
    {
        value = text;
        return text.Length <= MaxTextLength;
    }

    private static bool TryPattern(string text, out LabelPattern value)
    {
        value = null!;
        if (text.Length > LabelPattern.MaxLength) return false;
        try
        {
            value = new LabelPattern(text);
            return true;
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
