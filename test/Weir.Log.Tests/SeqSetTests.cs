using CsCheck;
using Weir.Frames;

namespace Weir.Log.Tests;

public sealed class SeqSetTests
{
    [Fact]
    public void Add_GapFreeSeqs_IsOneRange()
    {
        var set = new SeqSet();
        for (ulong seq = 1; seq <= 1000; seq++) set.Add(seq);
        Assert.Equal([(1UL, 1000UL)], set.Ranges);
    }

    [Fact]
    public void Add_AnyOrderAndRemove_EqualsASetOfNumbers() =>
        Gen.Select(Gen.Int[0, 2], Gen.ULong[1, 60], Gen.ULong[0, 12]).Array[0, 80].Sample(steps =>
        {
            var set = new SeqSet();
            var model = new SortedSet<ulong>();
            foreach ((int action, ulong first, ulong length) in steps)
            {
                if (action == 0)
                {
                    set.Remove(first, first + length);
                    for (ulong seq = first; seq <= first + length; seq++) model.Remove(seq);
                }
                else
                {
                    set.Add(first, first + length);
                    for (ulong seq = first; seq <= first + length; seq++) model.Add(seq);
                }
            }

            for (ulong seq = 0; seq <= 80; seq++)
            {
                Assert.Equal(model.Contains(seq), set.Contains(seq));
                Assert.Equal(model.GetViewBetween(seq, seq + 5).Count == 6, set.ContainsAll(seq, seq + 5));
            }

            Assert.Equal(model, set.Ranges.SelectMany(static range => Enumerable.Range((int)range.First, (int)(range.Last - range.First + 1)).Select(static i => (ulong)i)));
            for (int i = 1; i < set.Ranges.Count; i++) Assert.True(set.Ranges[i - 1].Last + 1 < set.Ranges[i].First);

            var bytes = new ByteWriter();
            set.Write(bytes);
            var reader = new ByteReader(bytes.Written);
            Assert.Equal(set.Ranges, SeqSet.Read(ref reader).Ranges);
            Assert.False(reader.Failed);
        });
}
