namespace Weir.Agent.Services;

/// <summary>What runs services on this system: the service control manager or systemd.</summary>
/// <remarks>Plans change nothing; their changes are made one by one, in order, by who has shown them. All calls may block for seconds and throw <see cref="ServiceException"/>.</remarks>
internal interface IServiceSystem
{
    /// <summary>Where a configuration is kept where none is named.</summary>
    string DefaultConfig { get; }

    /// <summary>The account of a service that no other was named for.</summary>
    string OwnAccount { get; }

    /// <summary>What the installed service runs with; null where none is installed.</summary>
    InstalledService? Installed();

    /// <summary>What an installation changes. An installed service is brought to the settings.</summary>
    IReadOnlyList<ServiceChange> PlanInstall(ServiceSettings settings);

    /// <summary>What an uninstallation changes; none where nothing is installed. Configuration and data stay.</summary>
    IReadOnlyList<ServiceChange> PlanUninstall();

    /// <summary>Starts it and waits until it runs.</summary>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>Stops it and waits until it has stopped.</summary>
    Task StopAsync(CancellationToken cancellationToken);

    /// <summary>How it stands.</summary>
    ServiceReport Status();
}
