using System.Text;

namespace Longwire.Cli.Playground.Streaming;

/// <summary>A text told token by token, as a model would: scripted, so that the same question always has the same answer.</summary>
internal static class Script
{
    private const int FewestSentences = 14;
    private const int CharactersForASentence = 5;

    private static readonly string[] _openings =
    [
        "A good question.",
        "There is a short answer and a long one.",
        "Let us begin with what a wire is.",
        "Imagine two people, far apart.",
    ];

    private static readonly string[] _sentences =
    [
        "A letter is answered by a letter, and nobody knows when.",
        "A call stays open, so either side may speak the moment there is something to say.",
        "What was said while you were away is not lost: it waits, in its order, and comes once.",
        "“Once” is the hard word – übrigens in every language – because a line may break after the word was heard.",
        "So each message has a number, and the listener says which one came last.",
        "When the line is back, both sides compare their numbers, and go on from there.",
        "A slow listener holds up nobody else; what is newest matters more than what is old.",
        "A server may be restarted in the middle of a sentence 🙂, and the sentence goes on.",
        "Two tabs see the same words, for they are the same words.",
        "Somebody who comes late reads what there is, and then hears the rest.",
        "None of this is magic: it is counting, and writing down before speaking.",
        "And that is why a long wire is better than a pile of letters.",
    ];

    /// <summary>The whole answer to a question. A long question has a long one.</summary>
    public static string AnswerTo(string question)
    {
        // FNV-1a: the same on each machine, which string.GetHashCode is not.
        uint chance = 2_166_136_261;
        foreach (byte part in Encoding.UTF8.GetBytes(question))
        {
            chance = (chance ^ part) * 16_777_619;
        }

        var answer = new StringBuilder(_openings[chance % _openings.Length]);
        int sentences = Math.Max(FewestSentences, question.Length / CharactersForASentence);
        for (int sentence = 0; sentence < sentences; sentence++)
        {
            chance = (chance * 1_664_525) + 1_013_904_223;
            answer.Append(sentence % 4 == 3 ? "\n\n" : " ").Append(_sentences[(chance >> 8) % _sentences.Length]);
        }

        return answer.ToString();
    }

    /// <summary>Where the next token ends: a few characters, never half of one.</summary>
    public static int NextEnd(string answer, int from)
    {
        int end = Math.Min(answer.Length, from + 3 + (from % 4));
        return end < answer.Length && char.IsLowSurrogate(answer[end]) ? end + 1 : end;
    }
}
