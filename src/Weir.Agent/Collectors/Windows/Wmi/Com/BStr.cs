namespace Weir.Agent.Collectors.Windows.Wmi.Com;

/// <summary>A text as COM takes it, freed when disposed.</summary>
internal readonly unsafe ref struct BStr
{
    /// <summary>Copies a text.</summary>
    /// <exception cref="SourceException">There is no memory for it.</exception>
    public BStr(string text)
    {
        fixed (char* from = text) Pointer = ComNativeMethods.SysAllocStringLen(from, (uint)text.Length);
        if (Pointer == null) throw new SourceException(FailureReason.Error, $"no memory for a text of {text.Length} characters");
    }

    /// <summary>The BSTR; valid until the disposal.</summary>
    public char* Pointer { get; }

    /// <summary>Frees it.</summary>
    public void Dispose() => ComNativeMethods.SysFreeString(Pointer);
}
