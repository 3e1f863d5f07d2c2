using System.Security.Cryptography;
using System.Text;

namespace Longwire.Fuzzing;

/// <summary>An input whose outcome is not legal.</summary>
internal sealed record Finding(string Target, int Seed, int Thread, long Iteration, byte[] Input, string Failure)
{
    /// <summary>A key that findings of one cause mostly share.</summary>
    public static string KindOf(Exception exception)
    {
        string words = new([
            .. exception.Message.TakeWhile(character => character != ':' && character != '\n').Where(character => !char.IsDigit(character)),
        ]);
        return $"{exception.GetType().Name} {words}";
    }

    /// <summary>Writes the finding where <c>--replay</c> can read it.</summary>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, $"{Target}-{Convert.ToHexString(SHA256.HashData(Input))[..8].ToLowerInvariant()}.hex");
        var text = new StringBuilder();
        text.Append("# ").AppendLine(Headline);
        foreach (string line in Failure.Split('\n'))
        {
            text.Append("# ").AppendLine(line.TrimEnd());
        }

        text.AppendLine(Convert.ToHexString(Input));
        File.WriteAllText(path, text.ToString());
        return path;
    }

    /// <summary>Reads the input that <see cref="Write"/> wrote.</summary>
    public static byte[] ReadInput(string path) =>
        Convert.FromHexString(string.Concat(File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line => line.Trim())));

    public string Headline => $"target {Target}, seed {Seed}, thread {Thread}, iteration {Iteration}, {Input.Length} bytes";
}
