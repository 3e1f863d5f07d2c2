namespace Longwire.Fuzzing;

/// <summary>The inputs of a run that did something new. It begins empty and is never stored: the seed makes it again.</summary>
internal sealed class Corpus
{
    /// <summary>The most inputs; from then on a new one takes the place of an older one.</summary>
    public const int MaxInputs = 1024;

    private readonly HashSet<string> _outcomes = [];
    private readonly List<byte[]> _inputs = [];

    public int Outcomes => _outcomes.Count;

    public bool IsEmpty => _inputs.Count == 0;

    public byte[] Pick(Random random) => _inputs[random.Next(_inputs.Count)];

    /// <summary>Keeps an input if it ended as none did before, or took a path that none did.</summary>
    public void Note(string outcome, byte[] input, bool newPath, Random random)
    {
        if (!_outcomes.Add(outcome) && !newPath)
        {
            return;
        }

        if (_inputs.Count < MaxInputs)
        {
            _inputs.Add(input);
        }
        else
        {
            _inputs[random.Next(MaxInputs)] = input;
        }
    }
}
