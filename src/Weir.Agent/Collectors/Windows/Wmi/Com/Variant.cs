using System.Runtime.InteropServices;

namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>VARIANT as a row fills it, on 64-bit systems: a type and eight bytes that it names.</summary>
/// <remarks>Owned by whoever called <c>Get</c>, who clears it with VariantClear: a text (BSTR), an array or an object in it is a reference.</remarks>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct Variant
{
    public const ushort TypeEmpty = 0, TypeNull = 1, TypeI2 = 2, TypeI4 = 3, TypeR4 = 4, TypeR8 = 5, TypeBstr = 8, TypeBool = 11, TypeUnknown = 13;
    public const ushort TypeI1 = 16, TypeUI1 = 17, TypeUI2 = 18, TypeUI4 = 19, TypeI8 = 20, TypeUI8 = 21;

    [FieldOffset(0)]
    public ushort Type;

    [FieldOffset(8)]
    public sbyte I1;

    [FieldOffset(8)]
    public byte UI1;

    [FieldOffset(8)]
    public short I2;

    [FieldOffset(8)]
    public ushort UI2;

    [FieldOffset(8)]
    public int I4;

    [FieldOffset(8)]
    public uint UI4;

    [FieldOffset(8)]
    public long I8;

    [FieldOffset(8)]
    public ulong UI8;

    [FieldOffset(8)]
    public float R4;

    [FieldOffset(8)]
    public double R8;

    [FieldOffset(8)]
    public char* Bstr;

    /// <summary>The text of a BSTR, whose byte length stands before it; a null pointer is the empty text.</summary>
    public readonly ReadOnlySpan<char> Text => Type == TypeBstr && Bstr != null ? new ReadOnlySpan<char>(Bstr, (int)(((uint*)Bstr)[-1] / sizeof(char))) : default;
}
