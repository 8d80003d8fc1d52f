using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Weir.Frames;
using Weir.Gateway.Identity;
using Weir.Log;

namespace Weir.Gateway;

/// <summary>The routes of uploads, on the listeners of gateways alone. <c>docs/formats/upload.md</c> describes them.</summary>
internal sealed class UploadEndpoints(UploadStore store, UploadMetrics metrics, GatewayContext context, ILogger<UploadEndpoints> logger)
{
    /// <summary>Header that names the agent.</summary>
    public const string AgentHeader = "Weir-Agent";

    /// <summary><c>POST /api/upload/context</c>: begins an upload, or says how far it is.</summary>
    public Task BeginAsync(HttpContext http) => ServeAsync(http, async (owner, stop) =>
    {
        (UploadClaim? claim, string problem) = await UploadRequests.ReadClaimAsync(http.Request, stop);
        return claim is { } said ? await store.BeginAsync(owner, said, stop) : BadRequest(problem);
    });

    /// <summary><c>GET /api/upload/{uploadId}</c>: how far an upload is.</summary>
    public Task DescribeAsync(HttpContext http) => ServeUploadAsync(http, static (upload, _) => ValueTask.FromResult(UploadAnswer.Ok(upload)));

    /// <summary><c>PUT /api/upload/{uploadId}/chunks/{chunk}</c>: takes a chunk.</summary>
    public Task PutAsync(HttpContext http) => ServeUploadAsync(http, async (upload, stop) =>
    {
        if (!int.TryParse(http.Request.RouteValues["chunk"] as string, NumberStyles.None, CultureInfo.InvariantCulture, out int chunk)) return BadRequest("a chunk has a number from 0");
        if (!UploadRequests.TryDigest(http.Request, out ContentId hash)) return BadRequest("the header Content-Digest holds the chunk's SHA-256: sha-256=:BASE64:");
        return await store.PutAsync(upload, chunk, hash, http.Request.Body, stop);
    });

    /// <summary><c>POST /api/upload/{uploadId}/commit</c>: checks the whole file and makes it final.</summary>
    public Task CommitAsync(HttpContext http) => ServeUploadAsync(http, (upload, stop) => store.CommitAsync(upload, stop));

    private Task ServeUploadAsync(HttpContext http, Func<Upload, CancellationToken, ValueTask<UploadAnswer>> serve) => ServeAsync(http, async (owner, stop) =>
        store.Find(owner, http.Request.RouteValues["uploadId"] as string ?? "") is { } upload
            ? await serve(upload, stop)
            : Refused(UploadError.UnknownUpload, "this agent has no such upload: begin it with POST /api/upload/context"));

    private async Task ServeAsync(HttpContext http, Func<UploadOwner, CancellationToken, ValueTask<UploadAnswer>> serve)
    {
        if (context.Gateways.Of(http.Connection.LocalPort) is not { } gateway)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, gateway.Stopping);
        string agent = http.Request.Headers[AgentHeader].ToString();
        try
        {
            UploadAnswer answer = !AgentId.TryParse(agent, out AgentId id) ? BadRequest($"the header {AgentHeader} names the agent: 32 hexadecimal digits, not all zero")
                : !PlainBody.IsOf(http.Request) ? BadRequest(PlainBody.Refusal)
                : await serve(new UploadOwner(AgentCaller.TenantOf(context, http, id), id), stop.Token);
            if (answer.Error == UploadError.None) await SayAsync(http, answer.Upload!);
            else await RefuseAsync(http, gateway, id, answer);
        }
        catch (RpcException untrusted)
        {
            await RefuseAsync(http, gateway, default, Refused(UploadError.Untrusted, untrusted.Status.Detail));
        }
        catch (OperationCanceledException) when (gateway.Stopping.IsCancellationRequested)
        {
            await RefuseAsync(http, gateway, default, UploadAnswer.No(UploadError.StoreFailed, "the gateway is stopping"));
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The client is gone, or so slow that it was given up; it comes again.
            http.Abort();
        }
    }

    private static Task SayAsync(HttpContext http, Upload upload)
    {
        if (HttpMethods.IsPut(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status204NoContent;
            return Task.CompletedTask;
        }

        bool whole = upload.IsCommitted;
        var answer = new UploadContextAnswer(
            upload.Id, upload.State.ChunkBytes, upload.State.Claim.FileSize, whole ? "whole" : "open", upload.ChunksIn(ChunkState.Success), upload.ChunksIn(ChunkState.Failed),
            whole ? UploadStore.DataName(upload.Id) : null);
        return http.Response.WriteAsJsonAsync(answer, UploadJson.Default.UploadContextAnswer, cancellationToken: http.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext http, GatewayInstance gateway, AgentId agent, UploadAnswer answer)
    {
        string error = UploadMetrics.NameOf(answer.Error);
        logger.UploadRefused(gateway.Id, agent.ToString(), error, answer.Message);
        (http.Response.StatusCode, int retrySeconds) = StatusOf(answer.Error);
        if (retrySeconds > 0) http.Response.Headers.RetryAfter = retrySeconds.ToString(CultureInfo.InvariantCulture);
        await http.Response.WriteAsJsonAsync(new UploadErrorAnswer(error, answer.Message), UploadJson.Default.UploadErrorAnswer, cancellationToken: http.RequestAborted);
    }

    private UploadAnswer BadRequest(string problem) => Refused(UploadError.BadRequest, problem);

    private UploadAnswer Refused(UploadError error, string problem)
    {
        metrics.Refused(error);
        return UploadAnswer.No(error, problem);
    }

    // With the seconds after which trying again makes sense; 0 where it does not.
    private static (int Status, int RetrySeconds) StatusOf(UploadError error) => error switch
    {
        UploadError.Untrusted => (StatusCodes.Status403Forbidden, 0),
        UploadError.UnknownUpload => (StatusCodes.Status404NotFound, 0),
        UploadError.FileTooLarge => (StatusCodes.Status413PayloadTooLarge, 0),
        UploadError.AgentQuota or UploadError.Quota => (StatusCodes.Status507InsufficientStorage, 600),
        UploadError.DiskFull => (StatusCodes.Status507InsufficientStorage, 60),
        UploadError.TooMany => (StatusCodes.Status429TooManyRequests, 60),
        UploadError.Busy => (StatusCodes.Status409Conflict, 1),
        UploadError.Incomplete or UploadError.Damaged => (StatusCodes.Status409Conflict, 0),
        UploadError.WrongHash or UploadError.OtherFile => (StatusCodes.Status422UnprocessableEntity, 0),
        UploadError.StoreFailed => (StatusCodes.Status503ServiceUnavailable, 10),
        _ => (StatusCodes.Status400BadRequest, 0),
    };
}
