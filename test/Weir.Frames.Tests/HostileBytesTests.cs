using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;
using Weir.TestKit.Agents;

namespace Weir.Frames.Tests;

/// <summary>Bytes that nobody vouches for: mutated entries whose checksums have been made right again, so that the checks behind them are reached.</summary>
public sealed class HostileBytesTests
{
    private const int Cases = 120_000;
    private const int MaxAllocation = 40 << 20;

    [Fact]
    public void SkipString_ReadsAsStringDoes()
    {
        var random = new Random(21);
        string[] letters = ["a", "é", "€", "😀"];
        int skipped = 0, failed = 0;
        // Halves of a pair, a mark at the front, overlong, beyond Unicode, cut off, too long.
        foreach (string hex in (string[])["03EDA080", "03EFBBBF", "02C080", "04F4908080", "02E282", "05E282AC", "09616161616161616161", "00", ""]) Read(Convert.FromHexString(hex));
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => letters[random.Next(letters.Length)])));
            byte[] bytes = [(byte)text.Length, .. text, 7];
            if (random.Next(2) == 0) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            Read(bytes);
        }

        Assert.True(skipped > 1000 && failed > 1000, $"{skipped} skipped, {failed} failed");

        void Read(byte[] bytes)
        {
            var read = new ByteReader(bytes);
            var skip = new ByteReader(bytes);
            _ = read.String(8);
            skip.SkipString(8);
            Assert.Equal((read.Failed, read.Remaining), (skip.Failed, skip.Remaining));
            if (skip.Failed) failed++;
            else skipped++;
        }
    }

    [Fact]
    public void MutatedEntries_NeverCrashNorAllocateBeyondTheLimitsNorDecodeToTheUnsaid()
    {
        var random = new Random(20);
        byte[][] corpus = Corpus();
        using var decoder = new FrameDecoder();
        var decoded = new DecodedFrame();
        Schema schema = TestSchemas.Of(7);
        int reached = 0, accepted = 0;
        long before = GC.GetAllocatedBytesForCurrentThread(), worst = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] entry = Mutate(random, corpus);
            long start = GC.GetAllocatedBytesForCurrentThread();
            if (EntryHeader.TryRead(entry, out EntryHeader header) == EntryError.None)
            {
                reached++;
                ReadOnlySpan<byte> payload = entry.AsSpan(header.HeaderBytes);
                switch (header.Kind)
                {
                    case EntryKind.Samples:
                        if (decoder.Decode(entry, header, schema, baseline: null, decoded) != EntryError.None) break;
                        accepted++;
                        Assert.Equal((header.Ticks, header.Series), (decoded.Ticks, decoded.Series));
                        Assert.Equal(header.Missing, Enumerable.Range(0, decoded.Series).Sum(s => decoded.Present(s).Count((byte)0)));
                        break;
                    case EntryKind.Object when ObjectCodec.TryUnpack(payload) is { } canonical:
                        _ = Template.TryParse(canonical);
                        _ = Schema.TryParse(canonical, static _ => null);
                        _ = Schema.TemplatesOf(canonical);
                        break;
                    case EntryKind.Declaration:
                        _ = EpochStart.TryDecode(payload);
                        _ = WindowDeclaration.TryDecode(payload);
                        break;
                    case EntryKind.Tombstone:
                        _ = Tombstone.TryDecode(payload);
                        break;
                    default:
                        break;
                }
            }

            worst = Math.Max(worst, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        Assert.True(reached > Cases / 10, $"only {reached} mutated entries got past the header");
        Assert.True(accepted > 0);
        Assert.InRange(worst, 0, MaxAllocation);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() > before);
    }

    [Fact]
    public void ObjectsOfRandomBytes_NeverCrash()
    {
        var random = new Random(7);
        Template template = TestSchemas.Of(1).Parts[0].Template;
        byte[][] seeds = [template.Canonical.ToArray(), TestSchemas.Of(30).Canonical.ToArray()];
        long worst = 0;
        for (int i = 0; i < 60_000; i++)
        {
            byte[] bytes = [.. seeds[i % 2]];
            for (int n = random.Next(1, 6); n > 0; n--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(3) == 0) Array.Resize(ref bytes, random.Next(bytes.Length + 1));
            long start = GC.GetAllocatedBytesForCurrentThread();
            _ = Template.TryParse(bytes);
            _ = Schema.TryParse(bytes, _ => template);
            _ = Schema.TemplatesOf(bytes);
            worst = Math.Max(worst, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        Assert.InRange(worst, 0, MaxAllocation);
    }

    [Fact]
    public void Unpack_PromiseBeyondTheLimitOrTheBytes_IsRefusedBeforeAllocating()
    {
        var writer = new ByteWriter();
        foreach (ulong promise in (ulong[])[FrameLimits.MaxObjectBytes + 1UL, ulong.MaxValue, FrameLimits.MaxObjectBytes, 0])
        {
            writer.Clear();
            writer.Varint(promise);
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Null(ObjectCodec.TryUnpack(writer.Written));
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000);
        }
    }

    private static byte[][] Corpus()
    {
        Schema schema = TestSchemas.Of(7);
        var writer = new EntryWriter();
        byte[] Make(EntryKind kind, byte form, byte[] payload) => writer.Write(new EntryHeader { Kind = kind, Form = form, Seq = 5, FirstMs = 1000 }, payload).ToArray();
        var even = new FrameBuilder(schema, 4);
        var uneven = new FrameBuilder(schema, 4);
        for (int t = 0; t < 4; t++)
        {
            double[] values = [.. Enumerable.Range(0, 7).Select(s => (double)(s * t))];
            even.AddTick(1000 * t, values, [1, 1, 1, 1, 1, 1, 1]);
            uneven.AddTick(1000 * t * t, values, [1, 0, 1, 1, 1, 0, 1]);
        }

        var window = new WindowDeclaration { Scheduled = 10, Collected = 9, Late = 0, Missed = 1, Sent = 9, Digest = 3, Failed = new Dictionary<FailureReason, long> { [FailureReason.Error] = 1 } };
        var tombstone = new Tombstone { Epoch = 9, FirstSeq = 1, LastSeq = 4, Reason = DropReason.SpoolBudget, Windows = [new TombstoneWindow(60_000, 5, 77)] };
        return
        [
            even.Seal(1, 0),
            uneven.Seal(2, 1),
            Make(EntryKind.Object, (byte)ObjectKind.Schema, ObjectCodec.Pack(schema.Canonical.Span)),
            Make(EntryKind.Object, (byte)ObjectKind.Template, ObjectCodec.Pack(schema.Parts[0].Template.Canonical.Span)),
            Make(EntryKind.Declaration, (byte)DeclarationKind.EpochStart, new EpochStart { HostAttributes = [new("host.name", "x")] }.Encode()),
            Make(EntryKind.Declaration, (byte)DeclarationKind.Window, window.Encode()),
            Make(EntryKind.Tombstone, 0, tombstone.Encode()),
        ];
    }

    private static byte[] Mutate(Random random, byte[][] corpus)
    {
        byte[] entry = [.. corpus[random.Next(corpus.Length)]];
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            // Half of the time in the header, where the decisions are.
            int at = random.Next(2) == 0 ? random.Next(12, Math.Min(60, entry.Length)) : random.Next(12, entry.Length);
            entry[at] = random.Next(3) switch { 0 => (byte)random.Next(256), 1 => (byte)(entry[at] ^ (1 << random.Next(8))), _ => (byte)(entry[at] + 1) };
        }

        if (random.Next(4) == 0) Array.Resize(ref entry, random.Next(39, entry.Length + 20));
        MakeRight(entry);
        return entry;
    }

    // Content hash over [13, header length), then the checksum over everything behind it.
    private static void MakeRight(byte[] entry)
    {
        int header = Math.Clamp((int)entry[12], 14, entry.Length);
        ulong hash = XxHash3.HashToUInt64(entry.AsSpan(header), (long)XxHash3.HashToUInt64(entry.AsSpan(13, header - 13)));
        BinaryPrimitives.WriteUInt64LittleEndian(entry.AsSpan(4), hash);
        BinaryPrimitives.WriteUInt32LittleEndian(entry, Crc32C.Compute(entry.AsSpan(4)));
    }
}
