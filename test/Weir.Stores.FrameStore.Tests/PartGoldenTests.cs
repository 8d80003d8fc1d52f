using Weir.Contracts;
using Weir.Log;
using Weir.Stores.FrameStore.Parts;
using Weir.TestKit.Agents;

namespace Weir.Stores.FrameStore.Tests;

/// <summary>Bytes of a part that was written once: whatever writes parts now, these are read.</summary>
public sealed class PartGoldenTests
{
    private const long T0 = 472_222 * 3_600_000L;
    private const string Path = "/store/0/parts/00000001.part";

    // Two hosts: 3 series x 3 ticks, and 2 series x 2 ticks a second later.
    private const string Golden =
        "57454952505254310100000001000000000000000033D9CF8B010000D06E3E1200058092BB5F800499450405C0ACC75F80049945040580C7D35F8004"
        + "99450400450065BCC10027000000802B28B52FFD202B590100200100010009389439FB4AA20ABD0101020003E80701000101000000000000E0010201"
        + "0300032B2D729F8700058296EABE018004D9450405C2B0F6BE018004D94504004600FD3F315A8F11000000802D28B52FFD202D690100800101010100"
        + "04E692D1431D6023C0010102D00F02E80701000102000000000000E001020102000224A2CCB1317A28B52FFD207AF502006405011C0101000108696E"
        + "7374616E6365010A746573742E76616C7565013100022E020101207649C30B9AA65EAE7234ADA47E59A6C8C6AED663FCD45DB1AF2783EFF8BC680103"
        + "0269300269310269322B0202693002693101004F49AA284E28B52FFD204EB50100D402020764656661756C747465737400024B35230B533F0100D00F"
        + "03E8070003A401377D57390B0101D00F02E80700020049D51A064A0128B52FFD20010900000001000000000000000033D9CF8B0100000D0000000000"
        + "00001E270B3F68022E7D0033D9CF8B010000D03AD9CF8B010000DB000000000000006800000092BC4C0B430100000000000040000000E91065A38301"
        + "0000000000000B000000E865E9F8DC83BC1B5057454952454E44";

    [Fact]
    public async Task GoldenPart_OpensAndReadsToItsValues()
    {
        await using StoreFixture fixture = await StoreFixture.CreateAsync();
        byte[] bytes = Convert.FromHexString(Golden);
        using (IFile file = fixture.Files.Create(Path)) file.Write(0, bytes);
        fixture.Partition.Manifest.TakePartNumber();
        // What the manifest said of it.
        fixture.Partition.Manifest.Replace(manifest => manifest with
        {
            Parts =
            [
                new PartInfo
                {
                    Number = 1, HourMs = T0, MadeMs = T0, Bytes = bytes.Length, Samples = 13, Digest = 0x7D2E02683F0B271E, FirstMs = T0, LastMs = T0 + 2000,
                },
            ],
        });
        await fixture.CloseAsync();
        await fixture.OpenAsync();
        Assert.Equal(PartDamage.None, Assert.Single(fixture.Partition.Parts).Damage);
        IReadOnlyList<SeriesSamples> read = await fixture.ReadAsync(0, long.MaxValue / 2);
        Assert.Equal(5, read.Count);
        foreach (SeriesSamples series in read)
        {
            int agent = series.Labels["host_id"] == new TestAgent(1).Id.ToString() ? 1 : 2, index = series.Labels["instance"]![1] - '0';
            long[] times = agent == 1 ? [T0, T0 + 1000, T0 + 2000] : [T0 + 1000, T0 + 2000];
            Assert.Equal(times, series.TimesMs);
            Assert.Equal(times.Select(time => TestAgent.Value(agent, index, time)), series.Values);
        }

        Assert.Empty(new StoreInspection(fixture.Store).Verify(CancellationToken.None));
    }
}
