using System.Globalization;
using Weir.Bench.Codec.Formats;
using Weir.Frames;
using Weir.TestKit.Recordings;

namespace Weir.Bench.Codec;

/// <summary>Takes a recording through codec 1 and everything it is compared with.</summary>
internal sealed class CodecRun(CodecSettings settings, TextWriter progress)
{
    // A frame of 120,000 doubles that do not compress stays below the entry limit.
    private const int MaxSamplesPerFrame = 120_000;

    // The other formats take up to a thousand times as long: they get as many whole messages as make a million samples.
    private const long MaxComparedSamples = 1_000_000;

    private static readonly int[] TickCounts = [1, 5, 10, 60];

    /// <summary>Runs it.</summary>
    /// <exception cref="InvalidDataException">The file is not a recording, or has more series than a frame can hold.</exception>
    public CodecReport Run()
    {
        var recording = Recording.Load(settings.Input);
        var input = new CodecInput(recording);
        var plan = new FramePlan(input.Ticks);
        progress.WriteLine($"{settings.Input}: {input.Ticks} ticks of {input.Series.Count} series{(recording.Cut is { } cut ? $"; {cut}" : "")}");
        var baselines = new Baselines(input, plan);
        FormatResult[] profiled = [.. TickCounts.Select(ticks => Frames(input, plan, ticks, baselines))];
        FormatResult[] plain = [.. TickCounts.Select(ticks => Frames(input, plan, ticks, baselines: null))];
        FormatSeries[] others = [.. Others().Select(make => Compare(make, input, plan))];
        return new CodecReport
        {
            Input = settings.Input,
            InputCut = recording.Cut,
            Note = plan.Note,
            Series = input.Series.Count,
            Ticks = input.Ticks,
            Samples = input.Samples(new TickSpan(0, input.Ticks)),
            IntervalMs = input.Times.IntervalMs,
            TimesRounded = input.Times.Rounded,
            MeasuredFromTick = plan.MeasuredFrom + 1,
            MeasuredTicks = input.Ticks - plan.MeasuredFrom,
            SchemaBytes = SchemaBytes(input.Schema),
            Baselines = baselines.Costs,
            Exact = profiled.Concat(plain).All(static result => result.Differs is null) && others.All(static format => format.Exact),
            Results = profiled,
            Formats = [new FormatSeries("codec 0", plain.All(static result => result.Differs is null), plain), .. others],
            Machine = $"{Environment.ProcessorCount} cores, .NET {Environment.Version}",
        };
    }

    private static Func<CodecInput, ISampleFormat>[] Others() =>
    [
        static input => new ProtobufFormat(input),
        static input => new JsonFormat(input),
        static input => new PrometheusTextFormat(input),
        static input => new RemoteWriteFormat(input),
        static input => new OtlpFormat(input),
    ];

    private FormatResult Frames(CodecInput input, FramePlan plan, int ticks, Baselines? baselines)
    {
        int most = Math.Max(1, Math.Min(ticks, MaxSamplesPerFrame / input.Series.Count));
        using var format = new FrameFormat(input, most, baselines);
        TickSpan[] warmUp = plan.WarmUp(most), measured = plan.Measured(most);
        Carried early = FormatMeasurement.Carry(format, warmUp);
        FormatResult result = FormatMeasurement.Measure(format, input, ticks, measured, settings.Meter);
        Tell(format.Name, ticks, result);
        double earlySamples = warmUp.Sum(span => (double)input.Samples(span));
        double earlyBytes = early.Bytes + (baselines?.BytesFor(new TickSpan(0, plan.MeasuredFrom)) ?? 0);
        double share = (baselines?.BytesFor(new TickSpan(plan.MeasuredFrom, input.Ticks - plan.MeasuredFrom)) ?? 0) / Math.Max(result.Samples, 1);
        return result with
        {
            BytesPerSample = result.BytesPerSample + share,
            BaselineBytesPerSample = baselines is null ? null : share,
            WarmUpBytesPerSample = earlySamples > 0 ? earlyBytes / earlySamples : null,
            Differs = early.Differs ?? result.Differs,
        };
    }

    private FormatSeries Compare(Func<CodecInput, ISampleFormat> make, CodecInput input, FramePlan plan)
    {
        using ISampleFormat format = make(input);
        var results = new List<FormatResult>();
        foreach (int ticks in TickCounts)
        {
            results.Add(FormatMeasurement.Measure(format, input, ticks, Some(input, plan.Measured(ticks)), settings.Meter));
            Tell(format.Name, ticks, results[^1]);
        }

        return new FormatSeries(format.Name, results.All(static result => result.Differs is null), results);
    }

    private static List<TickSpan> Some(CodecInput input, TickSpan[] spans)
    {
        var some = new List<TickSpan>();
        long samples = 0;
        foreach (TickSpan span in spans)
        {
            if (some.Count > 0 && samples + input.Samples(span) > MaxComparedSamples) break;
            some.Add(span);
            samples += input.Samples(span);
        }

        return some;
    }

    private static long SchemaBytes(Schema schema) =>
        schema.Parts.Select(static part => part.Template).DistinctBy(static template => template.Id)
            .Sum(static template => ObjectBytes(ObjectKind.Template, template.Id, template.Canonical))
        + ObjectBytes(ObjectKind.Schema, schema.Id, schema.Canonical);

    private static long ObjectBytes(ObjectKind kind, ContentId id, ReadOnlyMemory<byte> canonical)
    {
        var header = new EntryHeader { Kind = EntryKind.Object, Form = (byte)kind, Seq = 1, ObjectId = id.Short };
        return new EntryWriter().Write(header, ObjectCodec.Pack(canonical.Span)).Length;
    }

    private void Tell(string format, int ticks, FormatResult result)
    {
        string differs = result.Differs is { } span ? $"; ticks {span.First + 1} to {span.End} DID NOT COME BACK as they were" : "";
        progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {format}, T = {ticks}: {result.BytesPerSample:N3} B/sample{differs}"));
    }
}
