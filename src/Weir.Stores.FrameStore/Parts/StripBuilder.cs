using Weir.Frames;

namespace Weir.Stores.FrameStore.Parts;

/// <summary>Puts frames of one host and schema side by side into the columns of a strip.</summary>
/// <remarks>Reuses its memory: the largest strip so far. Not thread-safe.</remarks>
internal sealed class StripBuilder
{
    private readonly List<AxisFrame> _axis = [];
    private double[] _values = [];
    private byte[] _present = [];
    private int _series;
    private int _stride;

    /// <summary>Ticks gathered.</summary>
    public int Ticks { get; private set; }

    /// <summary>Most ticks of a strip of so many series.</summary>
    public static int MaxTicks(int series) => Math.Clamp(PartFormat.MaxStripCells / series, 1, PartFormat.MaxStripTicks);

    /// <summary>Begins a strip.</summary>
    /// <param name="series">Its series.</param>
    /// <param name="ticks">Room for so many ticks.</param>
    public void Begin(int series, int ticks)
    {
        _axis.Clear();
        _series = series;
        _stride = ticks;
        Ticks = 0;
        int cells = checked(series * ticks);
        if (_values.Length >= cells) return;
        _values = new double[cells];
        _present = new byte[cells];
    }

    /// <summary>Ticks that still fit.</summary>
    public int Room => _stride - Ticks;

    /// <summary>Adds ticks of a frame.</summary>
    public void Add(in AxisFrame frame, DecodedFrame source, int firstTick)
    {
        for (int s = 0; s < _series; s++)
        {
            int cell = (s * _stride) + Ticks;
            source.Values(s).Slice(firstTick, frame.Ticks).CopyTo(_values.AsSpan(cell));
            source.Present(s).Slice(firstTick, frame.Ticks).CopyTo(_present.AsSpan(cell));
        }

        Take(frame);
    }

    /// <summary>Adds ticks of another strip's columns.</summary>
    public void Add(in AxisFrame frame, ReadOnlySpan<double> values, ReadOnlySpan<byte> present, int stride, int firstTick)
    {
        for (int s = 0; s < _series; s++)
        {
            int cell = (s * _stride) + Ticks, from = (s * stride) + firstTick;
            values.Slice(from, frame.Ticks).CopyTo(_values.AsSpan(cell));
            present.Slice(from, frame.Ticks).CopyTo(_present.AsSpan(cell));
        }

        Take(frame);
    }

    /// <summary>Encodes what was gathered and writes it; nothing where there is none.</summary>
    public void WriteTo(PartWriter part, StripEncoder encoder)
    {
        if (Ticks == 0) return;
        CloseGaps();
        int cells = _series * Ticks;
        encoder.Encode(_values.AsSpan(0, cells), _present.AsSpan(0, cells), _series, Ticks);
        part.AddStrip([.. _axis], Ticks, encoder);
        _axis.Clear();
        Ticks = 0;
    }

    private void Take(in AxisFrame frame)
    {
        _axis.Add(frame);
        Ticks += frame.Ticks;
    }

    // Frames that turned out unreadable, or reach into another hour, leave room that no tick fills.
    private void CloseGaps()
    {
        if (Ticks == _stride) return;
        for (int s = 1; s < _series; s++)
        {
            _values.AsSpan(s * _stride, Ticks).CopyTo(_values.AsSpan(s * Ticks));
            _present.AsSpan(s * _stride, Ticks).CopyTo(_present.AsSpan(s * Ticks));
        }
    }
}
