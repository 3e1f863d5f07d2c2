using System.Text;

namespace Longwire.Cli.Terminal;

/// <summary>
/// The lines that were typed before, also in earlier runs: a file that only its owner may read. A line that begins with a space is not
/// kept, as in shells; nor is one that is very long.
/// </summary>
internal sealed class LineHistory
{
    private const int MaxLines = 1000;
    private const int MaxLineLength = 4096;

    private readonly string? _file;
    private readonly List<string> _lines = [];

    /// <summary>A history that ends with the process, or goes on in a file.</summary>
    /// <param name="file">The file; null for none.</param>
    public LineHistory(string? file = null)
    {
        _file = file;
        if (file is null || !File.Exists(file))
        {
            return;
        }

        try
        {
            string[] all = File.ReadAllLines(file);
            _lines.AddRange(all.TakeLast(MaxLines).Select(Unescape));
            if (all.Length > 2 * MaxLines)
            {
                File.WriteAllLines(file, all.TakeLast(MaxLines));
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // One can type without it.
            _file = null;
        }
    }

    public int Count => _lines.Count;

    public string this[int index] => _lines[index];

    /// <summary>
    /// The file: <c>LONGWIRE_HISTORY</c>, where empty means none; else <c>longwire/history</c> in <c>XDG_STATE_HOME</c> or
    /// <c>~/.local/state</c>.
    /// </summary>
    public static string? DefaultFile()
    {
        if (Environment.GetEnvironmentVariable("LONGWIRE_HISTORY") is { } file)
        {
            return file.Length == 0 ? null : file;
        }

        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        string? state =
            Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } given ? given
            : home.Length > 0 ? Path.Combine(home, ".local", "state")
            : null;
        return state is null ? null : Path.Combine(state, "longwire", "history");
    }

    public void Add(string line)
    {
        if (line.Length is 0 or > MaxLineLength || line[0] == ' ' || (_lines.Count > 0 && _lines[^1] == line))
        {
            return;
        }

        _lines.Add(line);
        if (_lines.Count > MaxLines)
        {
            _lines.RemoveAt(0);
        }

        if (_file is not null)
        {
            Append(_file, line);
        }
    }

    /// <summary>The newest line before an index that has a text in it; -1 for none.</summary>
    public int FindBefore(int index, string text)
    {
        for (int i = Math.Min(index, _lines.Count) - 1; i >= 0; i--)
        {
            if (_lines[i].Contains(text, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static void Append(string file, string line)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
            var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var stream = new FileStream(file, options);
            stream.Write(Encoding.UTF8.GetBytes(Escape(line) + "\n"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It is remembered until the end of this run.
        }
    }

    private static string Escape(string line) =>
        line.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Unescape(string line)
    {
        var text = new StringBuilder(line.Length);
        for (int i = 0; i < line.Length; i++)
        {
            text.Append(
                line[i] != '\\' || i + 1 == line.Length ? line[i]
                : line[++i] == 'n' ? '\n'
                : line[i]
            );
        }

        return text.ToString();
    }
}
