namespace Weir.Agent.Configuration;

/// <summary>One thing that is wrong in a configuration.</summary>
/// <param name="Line">Line in the file, from 1; 0 where it came from the command line.</param>
/// <param name="Key">Path of the key: <c>collectors.cpu.interval</c>.</param>
/// <param name="Value">What stands there.</param>
/// <param name="Allowed">What may stand there.</param>
/// <param name="Cure">What to do.</param>
internal sealed record ConfigError(int Line, string Key, string Value, string Allowed, string Cure)
{
    /// <summary>One line for people, without the file's name.</summary>
    public override string ToString() => $"{(Line > 0 ? $"line {Line}: " : "")}{Key}: '{Value}' is not allowed; allowed: {Allowed}; {Cure}";
}
