using System.Globalization;
using Weir.Agent.Uploads;

namespace Weir.Agent.Commands;

/// <summary>Prints how far an upload is: a line for each twentieth of it.</summary>
internal sealed class ProgressPrinter(TextWriter output)
{
    private const int Steps = 20;

    private UploadProgress _last;
    private int _step = -1;

    /// <summary>What was sent and what was there.</summary>
    public string Summary => string.Create(CultureInfo.InvariantCulture, $"{_last.Chunks} chunks, {_last.SentChunks} sent ({_last.SentBytes} bytes)");

    /// <summary>Takes the progress in.</summary>
    public void Report(UploadProgress progress)
    {
        _last = progress;
        int step = progress.Chunks == 0 ? Steps : progress.There * Steps / progress.Chunks;
        if (step == _step) return;
        _step = step;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{progress.There} of {progress.Chunks} chunks there, {progress.SentChunks} sent"));
    }
}
