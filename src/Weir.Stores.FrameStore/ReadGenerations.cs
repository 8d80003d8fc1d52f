namespace Weir.Stores.FrameStore;

/// <summary>Puts off what would pull the ground from under a reader, until every reader that began before has ended.</summary>
/// <remarks>
/// A reader enters under the lock under which it copies out where to read, and leaves when it has read. What is retired (a range of
/// the log, a part's file) was taken out of the index before, so that readers which enter later cannot know of it. Safe for concurrent use.
/// </remarks>
/// <param name="onFailed">Told what an action threw: whoever retires has done the rest already, and must not take it for undone.</param>
internal sealed class ReadGenerations(Action<Exception> onFailed)
{
    private readonly Lock _lock = new();
    private readonly Queue<(Generation Generation, Action Action)> _retired = [];
    private readonly List<Generation> _open = [];
    private Generation _current = new();

    /// <summary>Begins to read; disposed when done.</summary>
    public IDisposable Enter()
    {
        lock (_lock)
        {
            _current.Readers++;
            return new Lease(this, _current);
        }
    }

    /// <summary>Does something once nobody reads any more who began before now; at once where nobody does.</summary>
    public void Retire(Action action)
    {
        lock (_lock)
        {
            _retired.Enqueue((_current, action));
            _open.Add(_current);
            _current = new Generation();
        }

        Collect();
    }

    /// <summary>Does what is due. What fails is not tried again: the next start tidies up.</summary>
    public void Collect()
    {
        while (true)
        {
            Action action;
            lock (_lock)
            {
                // Oldest first: a generation waits for those before it.
                if (_retired.Count == 0 || _open[0].Readers > 0) return;
                _open.RemoveAt(0);
                action = _retired.Dequeue().Action;
            }

            try
            {
                action();
            }
            catch (Exception e)
            {
                onFailed(e);
            }
        }
    }

    private void Leave(Generation generation)
    {
        lock (_lock) generation.Readers--;
    }

    private sealed class Generation
    {
        public int Readers { get; set; }
    }

    private sealed class Lease(ReadGenerations owner, Generation generation) : IDisposable
    {
        private Generation? _generation = generation;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _generation, null) is { } held) owner.Leave(held);
        }
    }
}
