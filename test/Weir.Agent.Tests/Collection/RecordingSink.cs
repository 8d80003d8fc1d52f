using Weir.Agent.Collection;
using Weir.Frames;
using Weir.TestKit.Agents;

namespace Weir.Agent.Tests.Collection;

/// <summary>A sink that decodes and keeps what it is given.</summary>
internal sealed class RecordingSink : IEntrySink
{
    private readonly FrameDecoder _decoder = new();
    private readonly HashSet<ContentId> _schemas = [];
    private ulong _seq;

    public List<RecordedFrame> Frames { get; } = [];

    public List<(long WindowMs, WindowDeclaration Declaration, int FramesBefore)> Declarations { get; } = [];

    public Exception? Refuses { get; set; }

    public uint ClockGeneration { get; private set; }

    public ValueTask AppendSchemaAsync(Schema schema, CancellationToken cancellationToken)
    {
        if (Refuses is { } error) throw error;
        _schemas.Add(schema.Id);
        return default;
    }

    public ValueTask<int> AppendFrameAsync(FrameBuilder builder, uint clockGeneration, CancellationToken cancellationToken)
    {
        if (Refuses is { } error) throw error;
        Assert.Contains(builder.Schema.Id, _schemas);
        ReadOnlyMemory<byte> entry = builder.Seal(++_seq, clockGeneration);
        Assert.Equal(EntryError.None, EntryHeader.TryRead(entry.Span, out EntryHeader header));
        var decoded = new DecodedFrame();
        Assert.Equal(EntryError.None, _decoder.Decode(entry.Span, header, builder.Schema, builder.Baseline, decoded));
        Frames.Add(new RecordedFrame(builder.Schema, header, decoded) { Baseline = builder.Baseline, Bytes = entry.Length });
        return new(entry.Length);
    }

    public ValueTask AppendDeclarationAsync(long windowMs, WindowDeclaration declaration, CancellationToken cancellationToken)
    {
        if (Refuses is { } error) throw error;
        Assert.Equal(declaration.Scheduled, declaration.Collected + declaration.Failed.Values.Sum() + declaration.Late + declaration.Missed);
        Assert.Equal(declaration.Collected, declaration.Sent + declaration.Dropped.Values.Sum());
        Declarations.Add((windowMs, declaration, Frames.Count));
        return default;
    }

    public ValueTask<uint> NextClockGenerationAsync(CancellationToken cancellationToken) => new(++ClockGeneration);

    /// <summary>What was sent of a window, from the frames themselves.</summary>
    public (long Samples, ulong Digest) SentOf(long windowMs)
    {
        long samples = 0;
        ulong digest = 0;
        foreach (RecordedFrame frame in Frames.Where(frame => WindowAccount.StartOf(frame.Header.FirstMs) == windowMs))
        {
            samples += frame.Header.SampleCount;
            digest += frame.Header.Digest;
        }

        return (samples, digest);
    }
}
