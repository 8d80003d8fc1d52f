using System.CommandLine;
using Weir.Agent.Services;
using Weir.Protocol.Identity;

namespace Weir.Agent.Commands;

/// <summary>The options of an installation: those that are given, and in place of the others what the installed service runs with.</summary>
/// <remarks>They live in the service's own command line alone: an update that did not name them again would lose them.</remarks>
internal sealed class InstallOptions
{
    private readonly ParseResult _given;
    private readonly ParseResult? _installed;
    private readonly string? _account;
    private readonly List<string> _kept = [];

    /// <summary>Reads what is installed.</summary>
    /// <param name="given">The command line.</param>
    /// <param name="installed">What is installed; null where nothing is.</param>
    public InstallOptions(ParseResult given, InstalledService? installed)
    {
        _given = given;
        _account = installed?.Account;
        if (installed is null) return;
        ParseResult parsed = AgentCommandLine.Parse(new RootCommand { RunCommand.Create() }, installed.Arguments);
        if (parsed.Errors.Count == 0) _installed = parsed;
        else Unreadable = string.Join("; ", parsed.Errors.Select(static problem => problem.Message));
    }

    /// <summary>Why the options of the installed service cannot be read; null where they can, or nothing is installed.</summary>
    public string? Unreadable { get; }

    /// <summary>What was taken from the installed service.</summary>
    public IReadOnlyList<string> Kept => _kept;

    /// <summary>The value of an option that <c>run</c> has too.</summary>
    public T? Of<T>(Option<T> option)
    {
        if (_given.GetResult(option) is { Implicit: false }) return _given.GetValue(option);
        if (_installed?.GetResult(option) is not { Implicit: false }) return default;
        T? value = _installed.GetValue(option);
        _kept.Add(value is bool ? option.Name : $"{option.Name} {value}");
        return value;
    }

    /// <summary>The join token; that of the installed service where its file is still there.</summary>
    /// <param name="option">The option.</param>
    /// <param name="problem">Why the one that is given cannot be read; null where it can, or none is.</param>
    public JoinToken? TokenOf(Option<TokenArgument?> option, out string? problem)
    {
        problem = null;
        if (_given.GetValue(option) is { } given) return given.TryRead(out problem);
        if (_installed?.GetValue(option) is not { } installed || installed.TryRead(out _) is not { } token) return null;
        _kept.Add($"{option.Name} {installed}");
        return token;
    }

    /// <summary>The account.</summary>
    public string? AccountOf(Option<string?> option)
    {
        if (_given.GetValue(option) is { } given) return given;
        if (_account is not null) _kept.Add($"{option.Name} {_account}");
        return _account;
    }
}
