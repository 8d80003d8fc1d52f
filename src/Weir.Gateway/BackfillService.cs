using System.Globalization;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Weir.Gateway.Identity;
using Weir.Log;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>Takes chunks of backlogs: each is judged alone, appended to the class <c>backfill</c> and answered when it is durable.</summary>
/// <remarks>Nothing is kept between calls: which entries are there already is the writer's to know, and a chunk that comes again does no harm.</remarks>
internal sealed class BackfillService(GatewayContext context) : Backfill.BackfillBase
{
    private const uint VersionRetryMs = 300_000;
    private const uint OverloadRetryMs = 1000;

    /// <inheritdoc/>
    public override async Task<Answers> Take(Batch batch, ServerCallContext call)
    {
        GatewayInstance gateway = context.Gateways.Of(call.GetHttpContext().Connection.LocalPort)
            ?? throw new RpcException(new Status(StatusCode.Unimplemented, "this listener is not a gateway: agents connect to the gRPC address that 'weir up' prints"));
        if (gateway.IsDraining || gateway.Stopping.IsCancellationRequested) throw new RpcException(new Status(StatusCode.Unavailable, "the gateway is stopping"));
        if (!AgentId.TryRead(batch.AgentId.Span, out AgentId agent)) throw new RpcException(new Status(StatusCode.InvalidArgument, "the batch names no agent id (16 bytes, not all zero)"));
        if (batch.Class != Protocol.V1.EntryClass.Backfill) throw new RpcException(new Status(StatusCode.InvalidArgument, "only entries of class BACKFILL come as chunks: fresh ones go by the stream"));
        string tenant = AgentCaller.TenantOf(context, call.GetHttpContext(), agent);
        int bytes = batch.Entries.Length;
        context.Metrics.Received(bytes);
        if (bytes > context.Options.MaxBatchBytes)
        {
            context.Metrics.Entry("reject");
            return BatchAnswers.RejectedWhole(batch.Number, RejectReason.Size);
        }

        context.Directives.NoteBacklog(tenant, agent);
        if (!gateway.TryTake(bytes, isBackfill: true))
        {
            var after = new Metadata { { IntakeService.RetryAfter, OverloadRetryMs.ToString(CultureInfo.InvariantCulture) } };
            throw new RpcException(new Status(StatusCode.ResourceExhausted, "too many entries are on their way to the log"), after);
        }

        try
        {
            return await AppendAsync(gateway, tenant, agent, batch);
        }
        finally
        {
            gateway.GiveBack(bytes, isBackfill: true);
        }
    }

    private async Task<Answers> AppendAsync(GatewayInstance gateway, string tenant, AgentId agent, Batch batch)
    {
        long received = context.Time.GetTimestamp();
        int partition = agent.Partition(context.Log.PartitionCount);
        var appends = new List<Task>();
        BatchAnswers judged = new BatchIntake(context.Metrics).Take(batch, Header(gateway, tenant, agent, batch), record => appends.Add(context.Log.AppendAsync(LogClass.Backfill, partition, record)));
        Answers answers = judged.Immediate(VersionRetryMs) ?? new Answers();
        try
        {
            await Task.WhenAll(appends);
            context.Metrics.Durable(context.Time.GetElapsedTime(received));
            if (judged.Accepted.Count > 0) answers.MergeFrom(judged.Acked());
        }
        catch (LogException e)
        {
            if (context.FailedAppends.Passes(out long hidden)) context.Logger.AppendFailed(e, gateway.Id, agent.ToString(), hidden);
            answers.MergeFrom(judged.Retried(OverloadRetryMs, RetryScope.Log));
        }

        return answers;
    }

    private RecordHeader Header(GatewayInstance gateway, string tenant, AgentId agent, Batch batch) => new()
    {
        Tenant = tenant,
        AgentId = agent,
        Epoch = batch.Epoch,
        StartNumber = batch.StartNumber,
        Line = BusinessLine.Backfill,
        ReceivedMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds(),
        GatewayId = gateway.Id,
    };
}
