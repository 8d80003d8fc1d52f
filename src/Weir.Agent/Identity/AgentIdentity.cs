using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Weir.Agent.Configuration;
using Weir.Agent.Uplinks;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Agent.Identity;

/// <summary>Joins where the agent has a token and no certificate, renews at two thirds of its life, splits a copy from its original, and gives the uplink what it connects with.</summary>
/// <remarks>
/// Never gives up and needs nobody: what fails is tried again with growing delays, whatever the reason, also long after the certificate has expired.
/// Collection and spool do not wait for it. Thread-safe.
/// </remarks>
internal sealed class AgentIdentity : IDisposable
{
    private const string Folder = "identity";
    private const double RenewAt = 2.0 / 3;
    private const double RenewSpread = 0.05;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(5);

    private readonly Func<AgentState> _state;
    private readonly Func<CancellationToken, ValueTask<bool>>? _takeNewId;
    private readonly AgentKeys _keys;
    private readonly CredentialsFile _file;
    private readonly EnrollmentClient _client;
    private readonly JoinToken? _token;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly IdentityMetrics _metrics;
    private readonly WakeSignal _wake = new();
    private volatile TaskCompletionSource _obtained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile AgentCredentials? _held;
    private volatile bool _asked;
    private long _failures;

    private AgentIdentity(
        Func<AgentState> state, Func<CancellationToken, ValueTask<bool>>? takeNewId, AgentKeys keys, CredentialsFile file, EnrollmentClient client, JoinToken? token, TimeProvider time, ILogger logger)
    {
        _state = state;
        _takeNewId = takeNewId;
        _keys = keys;
        _file = file;
        _held = file.Read(keys);
        _client = client;
        _token = token;
        _time = time;
        _logger = logger;
        _metrics = new IdentityMetrics(() => (Credentials?.ExpiresAt - _time.GetUtcNow())?.TotalSeconds ?? 0);
    }

    /// <summary>What the agent has been given under the id that it has; null before it has joined, and on a copy until it has been split.</summary>
    public AgentCredentials? Credentials => _held is { } held && held.Agent == _state().AgentId ? held : null;

    /// <summary>Where the identity is below a data directory.</summary>
    public static string FolderOf(string dataDirectory) => Path.Combine(dataDirectory, Folder);

    /// <summary>Whether the agent of a data directory has ever joined.</summary>
    public static bool HasJoined(string dataDirectory) => File.Exists(Path.Combine(FolderOf(dataDirectory), CredentialsFile.Name));

    /// <summary>Opens the identity of an agent that has joined or is to join; null for one that speaks without TLS.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="files">The file system.</param>
    /// <param name="state">Which ids the agent has and had, at each call as of then.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="takeNewId">Gives a copy whose id another copy has taken another one; false where it has had too many. Null: it keeps the id.</param>
    /// <exception cref="AgentDataException">A file is damaged.</exception>
    public static AgentIdentity? Open(
        AgentConfig config, IFileSystem files, Func<AgentState> state, TimeProvider time, ILoggerFactory loggers, Func<CancellationToken, ValueTask<bool>>? takeNewId = null)
    {
        string directory = FolderOf(config.DataDirectory);
        var file = new CredentialsFile(files, directory);
        if (config.IsWithoutTls || (config.JoinToken is null && !file.Exists)) return null;
        Ensure(files, directory);
        ProxySetting.TryRead(config.Proxy, out IWebProxy? proxy);
        var client = new EnrollmentClient(config.EnrollmentUri(), proxy, time);
        return new AgentIdentity(state, takeNewId, new AgentKeys(files, directory), file, client, config.JoinToken, time, loggers.CreateLogger<AgentIdentity>());
    }

    /// <summary>Whether the certificate proves that the agent has, or has had, an id.</summary>
    public bool SpeaksFor(AgentId id) => Credentials is { } credentials && (id == credentials.Agent || credentials.Former.Contains(id));

    /// <summary>Joins now, once, for a command that does nothing else.</summary>
    /// <exception cref="RpcException">It was refused, or nobody answered as the token says.</exception>
    public async Task<AgentCredentials> JoinAsync(CancellationToken cancellationToken)
    {
        AgentCredentials credentials = await JoinAsync(_state().AgentId, cancellationToken).ConfigureAwait(false);
        Keep(credentials);
        return credentials;
    }

    /// <summary>Keeps the certificate fresh until cancelled. Does not fail.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var backoff = new Backoff(FirstDelay, LongestDelay, Random.Shared);
        while (!cancellationToken.IsCancellationRequested)
        {
            await WaitAsync(UntilDue(), cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested) return;
            if (!_asked && UntilDue() > TimeSpan.Zero) continue;
            _asked = false;
            if (await TryObtainAsync(cancellationToken).ConfigureAwait(false)) backoff.Reset();
            else await Task.Delay(backoff.Next(), _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>What the next connection to a gateway is made with; waits until the agent has a certificate under its id.</summary>
    public async Task<SslClientAuthenticationOptions> TlsAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            Task obtained = _obtained.Task;
            if (Credentials is { } credentials) return credentials.ToTls(_time);
            // The id may be a new one, of which nobody has told the loop.
            _wake.Set();
            await obtained.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Renews now: a gateway does not take the certificate any more, whatever the clock of this host says.</summary>
    public void RenewSoon()
    {
        _asked = true;
        _wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => _metrics.Dispose();

    private static void Ensure(IFileSystem files, string directory)
    {
        if (files.DirectoryExists(directory)) return;
        files.CreateDirectory(directory);
        if (files is PhysicalFileSystem) OwnerOnly.Restrict(directory);
    }

    private TimeSpan UntilDue()
    {
        if (Credentials is not { } credentials) return TimeSpan.Zero;
        // Drawn from the certificate, so that it is the same at each look and another for each agent and time.
        double jitter = credentials.Certificate.SerialNumberBytes.Span[^1] / 255.0 * RenewSpread;
        TimeSpan due = credentials.ReceivedAt + (credentials.Lifetime * (RenewAt - jitter)) - _time.GetUtcNow();
        // A clock that went back by more than the certificate's life must not put renewal off.
        return due <= TimeSpan.Zero ? TimeSpan.Zero : due < credentials.Lifetime ? due : credentials.Lifetime;
    }

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero || _asked) return;
        using var timer = _time.CreateTimer(_ => _wake.Set(), null, wait, Timeout.InfiniteTimeSpan);
        try
        {
            await _wake.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The caller sees it.
        }
    }

    private async Task<bool> TryObtainAsync(CancellationToken cancellationToken)
    {
        string kind = _held is null ? "join" : Credentials is null ? "split" : "renew";
        try
        {
            AgentCredentials obtained = await ObtainAsync(cancellationToken).ConfigureAwait(false);
            Keep(obtained);
            _failures = 0;
            _metrics.Request(kind, "issued");
            if (kind == "renew") _logger.Renewed(obtained.Lifetime.TotalHours);
            else if (obtained.Former is [.., var from]) _logger.Split(obtained.Agent.ToString(), from.ToString(), obtained.Lifetime.TotalHours);
            else _logger.Joined(obtained.Tenant, obtained.Lifetime.TotalHours);
            return true;
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception e)
        {
            _metrics.Request(kind, "failed");
            string reason = e is RpcException rpc ? $"{rpc.StatusCode}: {rpc.Status.Detail}" : e.Message;
            if (BitOperations.IsPow2(++_failures)) _logger.NotObtained(kind, reason, _failures);
            return false;
        }
    }

    // A disk that does not take it fails the attempt, which is repeated; what was obtained is used meanwhile. After a restart the older one renews, or is split again.
    private void Keep(AgentCredentials obtained)
    {
        _held = obtained;
        Interlocked.Exchange(ref _obtained, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        _file.Write(obtained);
        _keys.Settle(obtained.Agent);
    }

    // The token opens the door once more where the certificate no longer does: the same agent and key are the same use of it.
    private async Task<AgentCredentials> ObtainAsync(CancellationToken cancellationToken)
    {
        AgentState state = _state();
        if (_held is not { } held) return await JoinAsync(state.AgentId, cancellationToken).ConfigureAwait(false);
        try
        {
            return held.Agent == state.AgentId
                ? await _client.RenewAsync(held, cancellationToken).ConfigureAwait(false)
                : await SplitAsync(held, state, cancellationToken).ConfigureAwait(false);
        }
        // Too late, of an authority that is gone, or another server: the token's pin says whether the listener is the right one.
        catch (RpcException e) when (_token is not null && IsFinal(e.StatusCode))
        {
            return await JoinAsync(state.AgentId, cancellationToken).ConfigureAwait(false);
        }
    }

    // Ids that it has had since and never got a certificate for come first: each certificate names only those before it.
    private async Task<AgentCredentials> SplitAsync(AgentCredentials held, AgentState state, CancellationToken cancellationToken)
    {
        foreach (AgentId next in state.IdsSince(held.Agent))
        {
            using ECDsa key = _keys.OpenOrCreate(next, isCopy: true);
            try
            {
                return await _client.SplitAsync(held, next, key, cancellationToken).ConfigureAwait(false);
            }
            catch (RpcException e) when (next != state.AgentId && e.StatusCode is StatusCode.AlreadyExists or StatusCode.PermissionDenied)
            {
                // Another copy of this copy has it, with a key that was made after the copying: what was spooled under it is that one's to send.
            }
            catch (RpcException e) when (e.StatusCode == StatusCode.AlreadyExists && _takeNewId is not null)
            {
                // A copy of this copy came first and has it. What was spooled here under it nobody can prove to be of this machine.
                if (!await _takeNewId(cancellationToken).ConfigureAwait(false)) throw;
                // One id an attempt, for they are few; the next attempt is with the new one.
                throw new RpcException(new Status(StatusCode.AlreadyExists, $"a copy of this machine has id {next}; this one is {_state().AgentId} from now on", e));
            }
        }

        throw new UnreachableException();
    }

    private async Task<AgentCredentials> JoinAsync(AgentId agent, CancellationToken cancellationToken)
    {
        using ECDsa key = _keys.OpenOrCreate(agent, isCopy: _held is { } held && held.Agent != agent);
        return await _client.JoinAsync(_token!, agent, key, cancellationToken).ConfigureAwait(false);
    }

    // What asking again does not change.
    private static bool IsFinal(StatusCode code) =>
        code is StatusCode.Unauthenticated or StatusCode.PermissionDenied or StatusCode.FailedPrecondition or StatusCode.InvalidArgument or StatusCode.Unimplemented;
}
