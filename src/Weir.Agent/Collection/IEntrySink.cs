namespace Weir.Agent.Collection;
/// <summary>Takes what collection makes: each call is durable in the spool when it completes.</summary>
internal interface IEntrySink
{
    /// <summary>Makes sure the schema and its templates stand in the spool ahead of frames that name it.</summary>
    ValueTask AppendSchemaAsync(Schema schema, CancellationToken cancellationToken);
    /// <summary>Seals the builder's ticks into a frame with the next seq and spools it; the objects that it names, its baseline too, stand ahead of it.</summary>
    /// <returns>Bytes of its entry.</returns>
    ValueTask<int> AppendFrameAsync(FrameBuilder builder, uint clockGeneration, CancellationToken cancellationToken);
    /// <summary>Spools a window's declaration.</summary>
    ValueTask AppendDeclarationAsync(long windowMs, WindowDeclaration declaration, CancellationToken cancellationToken);
    /// <summary>Remembers the clock generation durably (kept in the data directory).</summary>
    uint ClockGeneration { get; }
    ValueTask<uint> NextClockGenerationAsync(CancellationToken cancellationToken);
}
