namespace Longwire.Cli.Terminal;

/// <summary>Text of others on a terminal.</summary>
internal static class TerminalText
{
    /// <summary>
    /// Replaces control characters by their pictures: they could do anything to a terminal, up to typing for its owner. Line feeds and
    /// tabs stay.
    /// </summary>
    public static string Harmless(string text) =>
        !text.Any(IsHarmful)
            ? text
            : string.Create(
                text.Length,
                text,
                static (span, text) =>
                {
                    for (int i = 0; i < span.Length; i++)
                    {
                        span[i] =
                            !IsHarmful(text[i]) ? text[i]
                            : text[i] < ' ' ? (char)('\u2400' + text[i])
                            : '\ufffd';
                    }
                }
            );

    /// <summary>The same for text that must stay on its row.</summary>
    public static string OnOneRow(string text) => Harmless(text).Replace('\n', '↵').Replace('\t', ' ');

    private static bool IsHarmful(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');
}
