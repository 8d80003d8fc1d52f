namespace Weir.Agent.Services;

/// <summary>One change of the host that an installation makes, shown before it is made.</summary>
/// <param name="What">For people, complete: the names and paths that are touched.</param>
/// <param name="Apply">Makes it. Returns what became of it where that is not what was shown; null where it is.</param>
internal sealed record ServiceChange(string What, Func<string?> Apply)
{
    /// <summary>A change that is made as shown or fails.</summary>
    public static ServiceChange Of(string what, Action apply) => new(
        what,
        () =>
        {
            apply();
            return null;
        });
}
