using System.Runtime.CompilerServices;
using Weir.Frames;

namespace Weir.Stores.FrameStore;

/// <summary>The Prometheus names of a template, made once and shared by every schema that has it.</summary>
/// <remarks>They go with their template: agents choose names, so nothing may keep them for ever. Safe for concurrent calls.</remarks>
internal sealed class TemplateNames
{
    private static readonly ConditionalWeakTable<Template, TemplateNames> Cache = [];

    private TemplateNames(Template template)
    {
        Metrics = [.. template.Metrics.Select(metric => PrometheusNames.Metric(metric, template.Naming))];
        Labels = [.. template.AttributeKeys.Select(key => PrometheusNames.Label(key, template.Naming))];
    }

    /// <summary>Names of its metrics.</summary>
    public string[] Metrics { get; }

    /// <summary>Names of its attributes.</summary>
    public string[] Labels { get; }

    /// <summary>The names of a template.</summary>
    public static TemplateNames Of(Template template) => Cache.GetValue(template, static template => new TemplateNames(template));
}
