using Weir.Log;

namespace Weir.Stores.FrameStore.Upkeep;

/// <summary>Frames of one partition that the log did not give as they were sent when they were to be sealed, and in how many attempts in a row.</summary>
/// <remarks>Each counts for itself: what fails for another reason, a full disk or another frame or a read that fails, gives none of them up. Not thread-safe.</remarks>
internal sealed class UnreadFrames
{
    // A frame that is damaged so often stays so, and a writer that lets it stand cannot give it up: the rest must not wait for it.
    private const int MaxAttempts = 5;

    private readonly Dictionary<(LogClass Class, long Position), int> _failures = [];
    private readonly HashSet<(LogClass Class, long Position)> _failed = [];

    /// <summary>Frames that have failed in this attempt and are to be read again in another.</summary>
    public int Waiting { get; private set; }

    /// <summary>Why the disk did not give one of them; null where all were given otherwise than they were sent.</summary>
    public LogException? NotGiven { get; private set; }

    /// <summary>An attempt to seal begins.</summary>
    public void Begin()
    {
        _failed.Clear();
        Waiting = 0;
        NotGiven = null;
    }

    /// <summary>The disk does not give a frame now. Until the log calls it damaged it is waited for, however often.</summary>
    public void Wait(LogException reason)
    {
        NotGiven ??= reason;
        Waiting++;
    }

    /// <summary>The log gave a frame.</summary>
    public void Read(in FrameRef frame)
    {
        if (_failures.Count > 0) _failures.Remove((frame.LogClass, frame.Position));
    }

    /// <summary>The log did not give a frame as it was sent.</summary>
    /// <returns>Whether it is given up: it has failed in as many attempts before.</returns>
    public bool Fail(in FrameRef frame)
    {
        (LogClass, long) key = (frame.LogClass, frame.Position);
        int failures = _failures.GetValueOrDefault(key);
        // One over the end of an hour is read for both.
        if (_failed.Add(key)) _failures[key] = ++failures;
        if (failures > MaxAttempts) return true;
        Waiting++;
        return false;
    }
}
