namespace Longwire.Interop.Tests;

/// <summary>Code printed in a Markdown document, taken from it as it stands there.</summary>
internal static class DocumentCode
{
    /// <summary>The one fenced block of the document that has the given line.</summary>
    public static string BlockWith(string document, string line)
    {
        var blocks = new List<string[]>();
        List<string>? open = null;
        foreach (string text in File.ReadLines(Places.Document(document)))
        {
            if (!text.StartsWith("```", StringComparison.Ordinal))
            {
                open?.Add(text);
            }
            else if (open is null)
            {
                open = [];
            }
            else
            {
                blocks.Add([.. open]);
                open = null;
            }
        }

        return string.Join('\n', Assert.Single(blocks, block => block.Contains(line)));
    }
}
