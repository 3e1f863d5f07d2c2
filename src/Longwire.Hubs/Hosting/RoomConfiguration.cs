using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Configuration;

namespace Longwire.Hubs;

/// <inheritdoc cref="IRoomConfiguration"/>
[RequiresUnreferencedCode("Options are bound by reflection.")]
[RequiresDynamicCode("Options are bound by reflection.")]
internal sealed class RoomConfiguration(IConfigurationSection rooms) : IRoomConfiguration
{
    public string? Apply(string template, RoomOptions options)
    {
        // A colon parts keys, so that a template with colons is a path; the section of that path is the same.
        IConfigurationSection section = rooms.GetSection(template);
        try
        {
            section.Bind(options, static binder => binder.ErrorOnUnknownConfiguration = true);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return $"{section.Path}: {exception.Message}";
        }
    }

    public IEnumerable<string> FindFaults(IReadOnlyList<string> templates)
    {
        string[] known = [.. templates.Select(template => rooms.GetSection(template).Path + ":")];
        foreach (IConfigurationSection value in ValuesOf(rooms))
        {
            if (!Array.Exists(known, path => value.Path.StartsWith(path, StringComparison.OrdinalIgnoreCase)))
            {
                string mapped = templates.Count == 0 ? "no room" : string.Join(", ", templates);
                yield return $"{value.Path} is of no room that is mapped. Mapped: {mapped}.";
            }
        }
    }

    private static IEnumerable<IConfigurationSection> ValuesOf(IConfigurationSection section)
    {
        IConfigurationSection[] children = [.. section.GetChildren()];
        return children.Length == 0 && section.Value is not null ? [section] : children.SelectMany(ValuesOf);
    }
}
