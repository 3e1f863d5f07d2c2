using Microsoft.AspNetCore.Routing;

namespace Longwire.Hubs;

/// <summary>Reads room templates. A constraint is what the application's routing knows by its name.</summary>
internal static class RoomTemplateParser
{
    private const StringComparison IgnoreCase = StringComparison.OrdinalIgnoreCase;

    /// <summary>Reads a template; or says what is wrong with it, and what to write.</summary>
    /// <param name="text">The template.</param>
    /// <param name="constraints">Makes a constraint of its text, as <c>int</c> or <c>range(1,9)</c>.</param>
    /// <param name="template">The template.</param>
    public static string? Read(string text, IInlineConstraintResolver constraints, out RoomTemplate? template)
    {
        template = null;
        if (!JsonText.IsUnicode(text) || !Names.TryNormalize(text, int.MaxValue, out string normalized))
        {
            return "a room's name can't be blank, nor have control characters or halves of surrogate pairs.";
        }

        List<RoomTemplateSegment> segments = [];
        if (Split(normalized) is not { } parts)
        {
            return "the braces don't match. Write a parameter as {name}.";
        }

        for (int i = 0; i < parts.Count; i++)
        {
            string? fault = ReadSegment(parts[i], isLast: i == parts.Count - 1, constraints, out RoomTemplateSegment? segment);
            if (fault is not null)
            {
                return fault;
            }

            if (segment!.Parameter is { } name && segments.Exists(other => string.Equals(other.Parameter, name, IgnoreCase)))
            {
                return $"the parameter \"{name}\" is there twice. Give one another name.";
            }

            segments.Add(segment);
        }

        template = new RoomTemplate(normalized, segments);
        return null;
    }

    /// <summary>The parts between colons, not counting colons in braces; null when the braces don't match.</summary>
    private static List<string>? Split(string text)
    {
        List<string> parts = [];
        int start = 0;
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '{':
                    depth++;
                    break;
                case '}' when --depth < 0:
                    return null;
                case ':' when depth == 0:
                    parts.Add(text[start..i]);
                    start = i + 1;
                    break;
                default:
                    break;
            }
        }

        parts.Add(text[start..]);
        return depth == 0 ? parts : null;
    }

    private static string? ReadSegment(string text, bool isLast, IInlineConstraintResolver resolver, out RoomTemplateSegment? segment)
    {
        int open = text.IndexOf('{', StringComparison.Ordinal);
        segment = new RoomTemplateSegment(text);
        if (open < 0)
        {
            return text.Length == 0 ? "there is nothing between two colons, or before or after one." : null;
        }

        int close = text.LastIndexOf('}');
        string[] inside = SplitParameter(text[(open + 1)..close]);
        bool isRest = inside[0].StartsWith("**", StringComparison.Ordinal);
        string name = isRest ? inside[0][2..] : inside[0];
        if (name.Length == 0 || !name.All(static letter => char.IsLetterOrDigit(letter) || letter == '_'))
        {
            return $"\"{{{inside[0]}}}\" is no parameter. Write {{name}}, {{name:int}} or {{**rest}}; only one in a segment.";
        }

        string prefix = text[..open];
        string suffix = text[(close + 1)..];
        if (isRest && (!isLast || prefix.Length + suffix.Length > 0))
        {
            return $"{{**{name}}} takes all that is left, so it must be the whole last segment.";
        }

        List<IRouteConstraint> constraints = [];
        foreach (string constraint in inside.Skip(1))
        {
            if (Resolve(resolver, constraint) is not { } resolved)
            {
                return $"routing knows no constraint \"{constraint}\". Known are int, long, guid, alpha, length(n), range(a,b) and others.";
            }

            constraints.Add(resolved);
        }

        segment = new RoomTemplateSegment(prefix, name, suffix, isRest, constraints);
        return null;
    }

    /// <summary>The name and the constraints, which colons part; a colon within a constraint's brackets does not.</summary>
    private static string[] SplitParameter(string text)
    {
        List<string> parts = [];
        int start = 0;
        int depth = 0;
        for (int i = 0; i < text.Length; i++)
        {
            depth +=
                text[i] == '(' ? 1
                : text[i] == ')' ? -1
                : 0;
            if (text[i] == ':' && depth == 0)
            {
                parts.Add(text[start..i]);
                start = i + 1;
            }
        }

        return [.. parts, text[start..]];
    }

    private static IRouteConstraint? Resolve(IInlineConstraintResolver resolver, string constraint)
    {
        try
        {
            return resolver.ResolveConstraint(constraint);
        }
        catch (RouteCreationException)
        {
            // Its arguments are wrong.
            return null;
        }
    }
}
