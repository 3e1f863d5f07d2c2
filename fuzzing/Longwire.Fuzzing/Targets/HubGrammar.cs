using System.Text;

namespace Longwire.Fuzzing;

/// <summary>A client's messages to a hub, most of them bent.</summary>
internal static class HubGrammar
{
    private static readonly string[] _seeds =
    [
        """{"type":"auth","token":"valid-token","username":"ann","id":"1"}""",
        """{"type":"join-room","room":"general","recover":{"epoch":"0123456789abcdef","offset":3},"history":5,"id":"2"}""",
        """{"type":"join-room","room":"general","history":5}""",
        """{"type":"leave-room","room":"general","id":"3"}""",
        """{"type":"message","room":"general","content":{"a":[1,2.5e3,"x\u00e4",null,true]},"id":"4"}""",
        """{"type":"message","room":"general","content":"hello"}""",
        """{"type":"chat","message":"hello","id":"5"}""",
        """{"type":"direct","userId":"ann","content":[{}],"id":"6"}""",
        """{"type":"history","room":"general","since":1,"before":9,"limit":5,"id":"7"}""",
        """{"type":"presence","room":"general","id":"8"}""",
        """{"type":"ping","id":"9"}""",
        """{"type":"custom","id":"10","x":{"y":[]}}""",
    ];

    private static readonly string[] _values =
    [
        "null",
        "true",
        "0",
        "-1",
        "-0",
        "1e999",
        "1.5",
        "1.0",
        "1E2",
        "9007199254740991",
        "9007199254740993",
        "\"\"",
        "\"general\"",
        "\"\\ud800\"",
        "\"\\u0000\"",
        "\"\\ud83d\\ude00\"",
        "\"\\udc00\\ud800\"",
        "{\"\\ud800\":1}",
        "{\"\\ud83d\\ude00\":\"\\ud83d\\u0041\"}",
        "\" \\u00a0\"",
        "\"a\\u202eb\"",
        "\"e\\u0301\"",
        "[]",
        "{}",
        "[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]",
        "{\"epoch\":1,\"offset\":\"x\"}",
        "{\"epoch\":{\"offset\":[]},\"offset\":5}",
        "{\"epoch\":\"a\",\"epoch\":\"b\",\"offset\":0}",
        "\"auth\"",
        "\"message\"",
        "\"\\u0069d\"",
        "\"id\"",
        "\"😀\"",
        "[1,",
        "//",
        "/**/",
        "\uFEFF",
        "NaN",
        "'x'",
        "\"\\x\"",
    ];

    private static readonly string[] _escapes =
    [
        "\\ud800",
        "\\uDC00",
        "\\ud83d\\ude00",
        "\\ud83d\\ud83d",
        "\\ud83d\\u0041",
        "\\u0000",
        "\\u202e",
        "\\u0065\\u0301",
        "\\\\ud800",
    ];

    public static byte[] Messages(Random random, byte separator)
    {
        var input = new List<byte>();
        for (int count = random.Next(1, 6); count > 0; count--)
        {
            string message = random.Pick(_seeds);
            for (int changes = random.Next(4); changes > 0 && message.Length > 1; changes--)
            {
                message = Change(random, message);
            }

            // Before it is sent: as a binary message, or with the date set forward or back, or behind the end of its direction.
            string before = random.Next(40) switch
            {
                0 => "#",
                1 => ">",
                2 => "<",
                3 when count == 1 => "|",
                _ => "",
            };
            byte[] bytes = Encoding.UTF8.GetBytes(before + message);
            input.AddRange(random.Next(60) == 0 ? Mutator.Mutate(bytes, bytes, random) : bytes);
            if (count > 1)
            {
                input.Add(separator);
            }
        }

        return [.. input];
    }

    private static string Change(Random random, string message) =>
        random.Next(13) switch
        {
            9 => EscapeInName(random, message),
            10 => message.Insert(1, $"\"{random.Pick(_escapes)}\":{random.Pick(_values)},"),
            11 => message.Replace("\"epoch\"", $"\"{random.Pick(_escapes)}\":1,\"epoch\"", StringComparison.Ordinal),
            0 or 1 => ReplaceValue(random, message),
            2 => message.Remove(random.Next(message.Length), 1),
            3 => message.Insert(random.Next(message.Length), ((char)random.Next(1, 128)).ToString()),
            4 => message[..random.Next(1, message.Length)],
            5 => message.Insert(random.Next(message.Length), random.Pick(_values)),
            6 => message.Replace("general", new string('g', random.Next(1, 200)), StringComparison.Ordinal),
            7 => message.Replace(
                "\"id\":",
                $"\"x\":{new string(random.Next(2) == 0 ? '[' : '1', random.Next(1, 3_000))},\"id\":",
                StringComparison.Ordinal
            ),
            8 => message.Replace(
                "{\"type\"",
                $"{{\"{random.Pick("id", "type", "room", "content", "t\\u0079pe", "i\\u0064")}\":{random.Pick(_values)},\"type\"",
                StringComparison.Ordinal
            ),
            _ => message.Insert(
                message.Length - 1,
                $",\"{random.Pick("id", "type", "room", "content", "\\u0069d", "recover")}\":{random.Pick(_values)}"
            ),
        };

    /// <summary>Writes a character of a name, or of a text, as an escape; or another one that may be half of a pair.</summary>
    private static string EscapeInName(Random random, string message)
    {
        int at = random.Next(message.Length);
        if (!char.IsAsciiLetter(message[at]))
        {
            return message;
        }

        string escape = random.Next(3) == 0 ? random.Pick(_escapes) : $"\\u{(int)message[at]:x4}";
        return message[..at] + escape + message[(at + 1)..];
    }

    private static string ReplaceValue(Random random, string message)
    {
        string[] parts = message.Split(':');
        if (parts.Length < 2)
        {
            return message;
        }

        int index = random.Next(1, parts.Length);
        int end = parts[index].IndexOfAny([',', '}']);
        parts[index] = random.Pick(_values) + (end < 0 ? "" : parts[index][end..]);
        return string.Join(':', parts);
    }
}
