using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text.RegularExpressions;
using Longwire.AspNetCore;
using Microsoft.Extensions.Configuration;

namespace Longwire.Hubs;

/// <summary>The hub's section of the configuration. A fault in it names its key, and says what to write.</summary>
[RequiresUnreferencedCode("Options are bound by reflection.")]
[RequiresDynamicCode("Options are bound by reflection.")]
internal sealed partial class HubConfiguration(IConfiguration section)
{
    private const string Endpoint = "Endpoint";
    private const string RefuseInHandshake = nameof(LongwireHubOptions.RefuseInHandshake);

    // Where numbers of one kind are together, as (key, option).
    private static readonly (string Key, Action<LongwireHubOptions, IConfigurationSection> Bind)[] _limits =
    [
        ("User:Connections", static (options, value) => options.MaxConnectionsPerUser = value.Get<int>()),
        ("User:Rooms", static (options, value) => options.MaxRoomsPerUser = value.Get<int>()),
        ("User:Messages", static (options, value) => options.RateLimit = value.Get<RateLimitOptions>()),
        ("User:Bytes", static (options, value) => options.ByteRate = value.Get<ByteRateOptions>()),
        ("User:Joins", static (options, value) => options.JoinRate = value.Get<RateLimitOptions>()),
        ("Address:Connections", static (options, value) => options.MaxConnectionsPerAddress = value.Get<int>()),
        ("Address:Rooms", static (options, value) => options.MaxRoomsPerAddress = value.Get<int>()),
        ("Address:Messages", static (options, value) => options.AddressRateLimit = value.Get<RateLimitOptions>()),
        ("Address:Bytes", static (options, value) => options.AddressByteRate = value.Get<ByteRateOptions>()),
        ("Address:Joins", static (options, value) => options.AddressJoinRate = value.Get<RateLimitOptions>()),
        ("Session:Rooms", static (options, value) => options.MaxRoomsPerSession = value.Get<int>()),
        ("Session:Messages", static (options, value) => options.SessionRateLimit = value.Get<RateLimitOptions>()),
        ("Session:Bytes", static (options, value) => options.SessionByteRate = value.Get<ByteRateOptions>()),
        ("Session:Joins", static (options, value) => options.SessionJoinRate = value.Get<RateLimitOptions>()),
    ];

    /// <summary>Sets the hub's options.</summary>
    public void Apply(LongwireHubOptions options)
    {
        List<string> faults = [.. UnknownKeys()];
        Guard(faults, () => section.Bind(options));
        foreach ((string key, Action<LongwireHubOptions, IConfigurationSection> bind) in _limits)
        {
            IConfigurationSection value = section.GetSection("Limits:" + key);
            if (value.Exists())
            {
                Guard(faults, () => bind(options, value));
            }
        }

        // It is the hub's, and where people look for it is the endpoint.
        IConfigurationSection refuse = section.GetSection($"{Endpoint}:{RefuseInHandshake}");
        if (refuse.Exists())
        {
            Guard(faults, () => options.RefuseInHandshake = refuse.Get<bool>());
        }

        ThrowIfAny(faults);
    }

    /// <summary>Sets the options of the hub's endpoints.</summary>
    public void Apply(WebSocketEndpointOptions options)
    {
        IConfigurationSection own = section.GetSection(Endpoint);
        List<string> faults =
        [
            .. UnknownKeys(
                own,
                typeof(WebSocketEndpointOptions).GetProperties().Select(static property => property.Name).Append(RefuseInHandshake)
            ),
        ];
        try
        {
            Guard(faults, () => own.Bind(options));
        }
        catch (Exception exception)
            when ((exception as TargetInvocationException)?.InnerException is ArgumentException or ArgumentException)
        {
            faults.Add($"{own.Path}:{(exception.InnerException ?? exception).Message}");
        }

        ThrowIfAny(faults);
    }

    /// <summary>A key with a wrong letter would say nothing, and a limit would not be there.</summary>
    private IEnumerable<string> UnknownKeys()
    {
        string[] options = [.. typeof(LongwireHubOptions).GetProperties().Select(static property => property.Name)];
        foreach (string fault in UnknownKeys(section, [.. options, "Limits", Endpoint]))
        {
            yield return fault;
        }

        string[] limits = [.. _limits.Select(static limit => limit.Key)];
        foreach (IConfigurationSection of in section.GetSection("Limits").GetChildren())
        {
            foreach (IConfigurationSection limit in of.GetChildren())
            {
                if (!limits.Contains($"{of.Key}:{limit.Key}", StringComparer.OrdinalIgnoreCase))
                {
                    yield return $"{limit.Path} is no limit. There are {string.Join(", ", limits)}.";
                }
            }
        }
    }

    private static IEnumerable<string> UnknownKeys(IConfiguration section, IEnumerable<string> known) =>
        from child in section.GetChildren()
        where !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase)
        select $"{child.Path} is no option.";

    private void Guard(List<string> faults, Action bind)
    {
        try
        {
            bind();
        }
        catch (InvalidOperationException exception)
        {
            faults.Add(Describe(exception));
        }
    }

    private string Describe(InvalidOperationException exception)
    {
        if (Conversion().Match(exception.Message) is not { Success: true } match)
        {
            return exception.InnerException is ArgumentException inner ? inner.Message : exception.Message;
        }

        string path = match.Groups["path"].Value;
        string prefix = section is IConfigurationSection own ? own.Path + ":" : "";
        string? value = section[path.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? path[prefix.Length..] : path];
        string wanted = match.Groups["type"].Value switch
        {
            "System.Int32" or "System.Int64" => "a whole number",
            "System.Double" => "a number",
            "System.Boolean" => "true or false",
            "System.TimeSpan" => "a time such as \"00:00:30\"",
            "Longwire.Hubs.RateLimitOptions" => "a rate such as \"100/s\"",
            "Longwire.Hubs.ByteRateOptions" => "a rate such as \"2MiB/s\"",
            var type => $"a {type}",
        };
        return $"{path} is \"{value}\"; write {wanted}.";
    }

    private static void ThrowIfAny(List<string> faults)
    {
        if (faults.Count > 0)
        {
            throw new LongwireConfigurationException(faults);
        }
    }

    [GeneratedRegex("at '(?<path>[^']+)' to type '(?<type>[^']+)'")]
    private static partial Regex Conversion();
}
