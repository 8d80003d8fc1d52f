namespace Weir.Agent.Uplinks;

/// <summary>Which of several gateways is connected to next: a fleet begins spread over all of them, stays where it is welcome and goes on to the next where it is not.</summary>
internal sealed class GatewayChoice(IReadOnlyList<Uri> gateways, Random random)
{
    private int _current = random.Next(gateways.Count);
    private int _failures;

    /// <summary>The gateway to connect to.</summary>
    public Uri Current => gateways[_current];

    /// <summary>Whether every gateway has failed since the last that welcomed the agent, once or several times over.</summary>
    public bool IsRoundOver => _failures % gateways.Count == 0;

    /// <summary>The current gateway did not welcome the agent, broke off or goes away.</summary>
    public void Failed()
    {
        _failures++;
        _current = (_current + 1) % gateways.Count;
    }

    /// <summary>The current gateway has welcomed the agent.</summary>
    public void Welcomed() => _failures = 0;
}
