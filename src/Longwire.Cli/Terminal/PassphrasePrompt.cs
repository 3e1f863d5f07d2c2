using System.Text;

namespace Longwire.Cli.Terminal;

/// <summary>Asks for a secret at the terminal, without showing it.</summary>
internal static class PassphrasePrompt
{
    /// <exception cref="FormatException">There is nobody to ask.</exception>
    public static string Ask()
    {
        if (Console.IsInputRedirected || Console.IsErrorRedirected)
        {
            throw new FormatException("--passphrase without a value asks for it, and standard input is no terminal.");
        }

        Console.Error.Write("Passphrase: ");
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }
}
