namespace Weir.Frames.Tests;

public sealed class ObjectCodecTests
{
    private static readonly Schema Parent = TestSchemas.Devices([.. Enumerable.Range(0, 100).Select(static i => $"process-{i * 7919 % 1000}")]);

    [Fact]
    public void Pack_AgainstAParent_TakesSomeTensOfBytesAndComesBack()
    {
        string[] names = [.. Parent.Parts[0].Instances.Select(static instance => instance[0])];
        names[40] = "another";
        Schema child = TestSchemas.Devices(names);
        byte[] payload = ObjectCodec.Pack(child.Canonical.Span, Parent.Id.Short, Parent.Canonical.Span);
        Assert.InRange(payload.Length, 1, 64);
        Assert.True(ObjectCodec.TryGetParent(payload, out ulong parent));
        Assert.Equal(Parent.Id.Short, parent);
        Assert.Equal(child.Canonical.ToArray(), ObjectCodec.TryUnpack(payload, id => id == Parent.Id.Short ? Parent.Canonical : null));
        Assert.False(ObjectCodec.TryGetParent(ObjectCodec.Pack(child.Canonical.Span), out _));
    }

    [Fact]
    public void TryUnpack_WithoutItsParent_IsNull()
    {
        byte[] payload = ObjectCodec.Pack(Parent.Canonical.Span, 5, Parent.Canonical.Span);
        Assert.Null(ObjectCodec.TryUnpack(payload));
        Assert.Null(ObjectCodec.TryUnpack(payload, static _ => null));
    }

    [Fact]
    public void TryUnpack_WithAnotherParentOrChangedBytes_IsNullOrAnotherObject()
    {
        Schema child = TestSchemas.Devices("x", "y");
        byte[] payload = ObjectCodec.Pack(child.Canonical.Span, Parent.Id.Short, Parent.Canonical.Span);
        for (int i = 9; i < payload.Length; i++)
        {
            byte[] changed = [.. payload];
            changed[i] ^= 0x41;
            byte[]? canonical = ObjectCodec.TryUnpack(changed, static _ => Parent.Canonical);
            Assert.True(canonical is null || ContentId.Of(canonical) != child.Id || canonical.AsSpan().SequenceEqual(child.Canonical.Span));
        }

        Assert.Null(ObjectCodec.TryUnpack([0, 1, 2, 3], static _ => Parent.Canonical));
    }
}
