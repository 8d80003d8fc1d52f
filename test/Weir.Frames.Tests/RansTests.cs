using CsCheck;
using Weir.Frames.Profiled;

namespace Weir.Frames.Tests;

public sealed class RansTests
{
    [Fact]
    public void Divide_ByAnyFrequency_IsExact()
    {
        var random = new Random(1);
        for (uint f = 1; f <= 4096; f++)
        {
            for (int i = 0; i < 50; i++)
            {
                ulong state = i == 0 ? (1UL << 63) - 1 : (ulong)random.NextInt64();
                ulong multiple = state / f * f;
                foreach (ulong x in (ReadOnlySpan<ulong>)[state, multiple, multiple == 0 ? 0 : multiple - 1])
                    Assert.Equal(x / f, RansWriter.Divide(x, f));
            }
        }
    }

    [Fact]
    public void Decisions_OfAnyProbability_ComeBack() => Gen.Select(Gen.Bool, Gen.Int[1, 4095]).Array[0, 3000].Sample(
        decisions =>
        {
            var writer = new RansWriter();
            foreach ((bool taken, int probability) in decisions) writer.Decide(taken, probability);
            writer.Finish();
            var state = new ByteWriter();
            writer.WriteState(state);
            var words = new ByteWriter();
            writer.WriteWords(words);
            Assert.Equal(writer.StateBytes, state.Length);
            ulong start = 0;
            for (int i = 0; i < state.Length; i++) start |= (ulong)state.Written[i] << (8 * i);
            var reader = new RansReader(start, words.Written);
            foreach ((bool taken, int probability) in decisions) Assert.Equal(taken, reader.Decide((uint)probability));
            Assert.True(reader.Ended);
        },
        iter: 500);

    [Fact]
    public void Bits_OfAnyCount_ComeBack() => Gen.Select(Gen.ULong, Gen.Int[0, 64]).Array[0, 500].Sample(
        values =>
        {
            var writer = new BitWriter();
            foreach ((ulong value, int count) in values) writer.Write(Low(value, count), count);
            var reader = new BitReader(writer.Finish());
            foreach ((ulong value, int count) in values) Assert.Equal(Low(value, count), reader.Read(count));
            Assert.True(reader.Ended);
        },
        iter: 1_000);

    private static ulong Low(ulong value, int count) => count == 64 ? value : value & ((1UL << count) - 1);
}
