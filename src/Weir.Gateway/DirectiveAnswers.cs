using Google.Protobuf;
using Weir.Protocol.V1;

namespace Weir.Gateway;

/// <summary>Who waits for the agent's answers to the directives sent over one stream.</summary>
/// <remarks>Bounded: beyond <see cref="Max"/> the oldest is not told; an issuer repeats what still matters. Safe for concurrent use.</remarks>
internal sealed class DirectiveAnswers
{
    /// <summary>Answers waited for at a time: far more than an agent is ever told within a round trip.</summary>
    public const int Max = 64;

    private readonly List<(ByteString Id, Action<DirectiveResult> Answered)> _expected = [];

    /// <summary>Waits for the answer to a directive.</summary>
    public void Expect(ByteString id, Action<DirectiveResult> answered)
    {
        lock (_expected)
        {
            if (_expected.Count == Max) _expected.RemoveAt(0);
            _expected.Add((id, answered));
        }
    }

    /// <summary>Passes an answer on; nothing where nobody waits for it.</summary>
    public void Take(DirectiveResult result)
    {
        Action<DirectiveResult> answered;
        lock (_expected)
        {
            int at = _expected.FindIndex(expected => expected.Id == result.Id);
            if (at < 0) return;
            answered = _expected[at].Answered;
            _expected.RemoveAt(at);
        }

        answered(result);
    }
}
