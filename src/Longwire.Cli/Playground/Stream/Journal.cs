using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Longwire.Cli.Playground.Streaming;

/// <summary>The text of each stream so far, a file each: a line with the question, then the text. Written before it is told.</summary>
internal sealed partial class Journal(string folder)
{
    private const int Kept = 100;

    /// <summary>The ids of the streams that there are.</summary>
    public IEnumerable<string> Ids =>
        Directory.Exists(folder)
            ? new DirectoryInfo(folder)
                .EnumerateFiles("*.txt")
                .Select(static file => Path.GetFileNameWithoutExtension(file.Name))
                .Where(IsId)
            : [];

    /// <summary>Begins one. The oldest of too many is forgotten.</summary>
    public string Begin(string question)
    {
        DirectoryInfo directory = OperatingSystem.IsWindows()
            ? Directory.CreateDirectory(folder)
            : Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (FileInfo old in directory.GetFiles("*.txt").OrderByDescending(static file => file.LastWriteTimeUtc).Skip(Kept - 1))
        {
            old.Delete();
        }

        string id = RandomNumberGenerator.GetHexString(16, lowercase: true);
        File.WriteAllText(PathOf(id), question.ReplaceLineEndings(" ") + "\n");
        return id;
    }

    /// <summary>Adds to the text.</summary>
    public void Append(string id, string text) => File.AppendAllText(PathOf(id), text);

    /// <summary>Reads one; null when there is none of that id. Half of a character, as a power cut may leave it, is no text.</summary>
    public (string Question, string Text)? Read(string id)
    {
        if (!IsId(id) || !File.Exists(PathOf(id)))
        {
            return null;
        }

        string content = Encoding.UTF8.GetString(File.ReadAllBytes(PathOf(id))).TrimEnd('\uFFFD');
        int end = content.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? null : (content[..end], content[(end + 1)..]);
    }

    private static bool IsId(string id) => IdPattern().IsMatch(id);

    private string PathOf(string id) => Path.Combine(folder, id + ".txt");

    [GeneratedRegex("^[0-9a-f]{16}$")]
    private static partial Regex IdPattern();
}
