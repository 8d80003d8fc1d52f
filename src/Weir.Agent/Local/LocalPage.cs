namespace Weir.Agent.Local;

/// <summary>A page as it is sent.</summary>
/// <param name="contentType">Its content type.</param>
/// <param name="content">Its bytes; valid until it is disposed of.</param>
/// <param name="sent">Told when it is not needed any more; null: nobody waits for it.</param>
internal sealed class LocalPage(string contentType, ReadOnlyMemory<byte> content, Action? sent) : IDisposable
{
    /// <summary>Its content type.</summary>
    public string ContentType => contentType;

    /// <summary>Its bytes.</summary>
    public ReadOnlyMemory<byte> Content => content;

    /// <inheritdoc/>
    public void Dispose() => sent?.Invoke();
}
