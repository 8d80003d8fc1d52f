using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Weir.Frames;
using Weir.Log;
using Weir.TestKit.FileSystem;

namespace Weir.Gateway.Tests.Uploads;

/// <summary>A store of uploads over a file system that can crash, on a clock that stands still unless told. Chunks of 1 KiB.</summary>
internal sealed class UploadHarness
{
    public const string Directory = "/data/uploads";
    public const int ChunkBytes = 1024;

    private UploadStore? _store;

    public UploadHarness() => Files.CreateDirectory("/data");

    public CrashFileSystem Files { get; init; } = new();

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public UploadOptions Options { get; set; } = new() { ChunkBytes = ChunkBytes };

    public UploadOwner Owner { get; init; } = new("default", new AgentId(1, 2));

    public UploadStore Store => _store ??= Open();

    /// <summary>Names in the directory, in order.</summary>
    public IEnumerable<string> Names => Files.ListFiles(Directory).Order(StringComparer.Ordinal);

    /// <summary>Bytes that look like nothing in particular.</summary>
    public static byte[] Content(int bytes, int seed = 1)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return content;
    }

    public static UploadClaim Claim(byte[] content) => new(ContentId.Of(content), content.Length, UploadKind.File);

    public static byte[] Chunk(byte[] content, int chunk) => content[(chunk * ChunkBytes)..Math.Min(content.Length, (chunk + 1) * ChunkBytes)];

    public UploadStore Open() => _store = UploadStore.Open(Files, Directory, Options, Time, NullLogger.Instance);

    public void Restart()
    {
        _store?.Dispose();
        Open();
    }

    public async Task<Upload> BeginAsync(byte[] content, UploadOwner? owner = null)
    {
        UploadAnswer answer = await TryBeginAsync(Claim(content), owner);
        Assert.Equal(UploadError.None, answer.Error);
        return answer.Upload!;
    }

    public async Task<UploadAnswer> TryBeginAsync(UploadClaim claim, UploadOwner? owner = null) =>
        await Store.BeginAsync(owner ?? Owner, claim, TestContext.Current.CancellationToken);

    public Task<UploadAnswer> PutAsync(Upload upload, byte[] content, int chunk) => PutAsync(upload, chunk, Chunk(content, chunk), ContentId.Of(Chunk(content, chunk)));

    public async Task<UploadAnswer> PutAsync(Upload upload, int chunk, byte[] bytes, ContentId hash) =>
        await Store.PutAsync(upload, chunk, hash, new MemoryStream(bytes), TestContext.Current.CancellationToken);

    public async Task PutAllAsync(Upload upload, byte[] content)
    {
        foreach (int chunk in Enumerable.Range(0, upload.State.ChunkCount)) Assert.Equal(UploadError.None, (await PutAsync(upload, content, chunk)).Error);
    }

    public async Task<UploadAnswer> CommitAsync(Upload upload) => await Store.CommitAsync(upload, TestContext.Current.CancellationToken);

    /// <summary>The bytes on disk.</summary>
    public byte[] Stored(Upload upload) => Files.Read(Store.DataPath(upload.Id));
}
