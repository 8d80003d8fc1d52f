using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Weir.Log;
using Weir.Protocol.Identity;

namespace Weir.Gateway.Identity;

/// <summary>The identity of a running server: its authorities, its certificate, who may join, and who is still trusted.</summary>
/// <remarks>Thread-safe. Commands change the directory beside it (<see cref="IdentityDirectory"/>); it looks at it every two seconds.</remarks>
public sealed class GatewayIdentity : IDisposable
{
    private static readonly TimeSpan KeepEndedTokens = TimeSpan.FromDays(90);

    private readonly GatewayCertificate _certificate;
    private readonly ILogger _logger;
    private readonly LogThrottle _untrusted;
    private readonly ITimer _watch;
    private long _failures;
    private int _looking;
    private int _requests;

    private GatewayIdentity(IdentityDirectory directory, IdentityOptions options, TimeProvider time, ILogger logger)
    {
        Directory = directory;
        Options = options;
        _logger = logger;
        _untrusted = new LogThrottle(time);
        Refusals = new LogThrottle(time);
        _certificate = new GatewayCertificate(directory.Authorities, options, time);
        var uses = new TokenUses(directory.Files, directory.Folders.Uses);
        DeleteEndedTokens(uses, time.GetUtcNow() - KeepEndedTokens);
        Streams = new TrustedStreams(directory.AgentFiles, time);
        Desk = new EnrollmentDesk(directory.Authorities, directory.TokenFiles, uses, directory.AgentFiles, Streams, options, time, logger);
        Metrics = new IdentityMetrics(directory.Authorities, time);
        directory.AgentFiles.Refresh();
        _watch = time.CreateTimer(_ => Look(), null, options.WatchInterval, options.WatchInterval);
    }

    /// <summary>What commands work on, too.</summary>
    public IdentityDirectory Directory { get; }

    internal IdentityOptions Options { get; }

    internal EnrollmentDesk Desk { get; }

    internal TrustedStreams Streams { get; }

    internal IdentityMetrics Metrics { get; }

    /// <summary>Of requests to join or renew that are refused.</summary>
    internal LogThrottle Refusals { get; }

    /// <summary>Opens the identity below a data directory and makes what is missing.</summary>
    /// <exception cref="IdentityException">A file is damaged.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public static GatewayIdentity Open(IFileSystem files, string directory, IdentityOptions options, TimeProvider time, ILoggerFactory loggers) =>
        new(IdentityDirectory.Open(files, directory, options, time), options, time, loggers.CreateLogger<GatewayIdentity>());

    /// <summary>TLS of the enrolment listener: agents have no certificate yet.</summary>
    public SslServerAuthenticationOptions EnrollmentTls() => new()
    {
        ServerCertificateContext = _certificate.Current,
        EnabledSslProtocols = TlsRules.Protocols,
        CipherSuitesPolicy = TlsRules.Suites,
        AllowRenegotiation = false,
        // Each connection proves its key: a ticket would outlive a revocation. Connections would share a native context with it; that was measured to save nothing.
        AllowTlsResume = false,
    };

    /// <summary>TLS of a gateway: only who has a certificate of ours gets through the handshake.</summary>
    /// <remarks>One that has expired gets through too, and is told so by the stream: a failed handshake says nothing.</remarks>
    public SslServerAuthenticationOptions GatewayTls()
    {
        SslServerAuthenticationOptions tls = EnrollmentTls();
        tls.ClientCertificateRequired = true;
        tls.CertificateChainPolicy = Desk.ChainPolicy();
        tls.RemoteCertificateValidationCallback = (_, certificate, chain, errors) => certificate is X509Certificate2 given && Desk.IsAgent(given, chain, errors);
        return tls;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _watch.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Notes a stream that is refused or ended for its certificate.</summary>
    internal void NoteUntrusted(AgentPeer peer, string reason)
    {
        Metrics.Untrusted(reason);
        if (_untrusted.Passes(out long hidden)) _logger.StreamUntrusted(peer.Agent.ToString(), reason, hidden);
    }

    /// <summary>Counts a request in; false where there are too many. <see cref="EndRequest"/> follows either way.</summary>
    internal bool TryBeginRequest() => Interlocked.Increment(ref _requests) <= Options.MaxRequests;

    /// <summary>Counts a request out.</summary>
    internal void EndRequest() => Interlocked.Decrement(ref _requests);

    // By the timer; one look at a time.
    internal void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0) return;
        try
        {
            Directory.AgentFiles.Refresh();
            if (Directory.Authorities.Refresh())
            {
                Desk.ForgetPeers();
                _logger.AuthorityChanged(Directory.Authorities.Issuing.Number, Directory.Authorities.Presenting.Number);
            }

            _failures = 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or IdentityException)
        {
            if (System.Numerics.BitOperations.IsPow2(++_failures)) _logger.WatchFailed(e, _failures);
        }
        finally
        {
            Streams.EndUntrusted();
            Volatile.Write(ref _looking, 0);
        }
    }

    private void DeleteEndedTokens(TokenUses uses, DateTimeOffset before)
    {
        TokenInfo[] ended = [.. Directory.TokenFiles.All().Where(token => token.Expires < before)];
        foreach (TokenInfo token in ended)
        {
            // The token first: without it its uses mean nothing.
            Directory.TokenFiles.Delete(token.Id);
            uses.Delete(token.Id);
        }

        if (ended.Length > 0) _logger.TokensDeleted(ended.Length, before);
    }
}
