using System.Reflection.Metadata;

namespace Longwire.Architecture.Tests;

/// <summary>Longwire.Protocol takes bytes and gives values: no I/O, no clock, no chance, no tasks.</summary>
public sealed class SansIoTests
{
    private static readonly string[] _bannedNamespaces =
    [
        "System.Threading.Tasks",
        "System.IO",
        "System.Net",
        "System.Timers",
        "Microsoft.Extensions",
        "Microsoft.AspNetCore",
    ];

    private static readonly string[] _bannedTypes =
    [
        "System.DateTime",
        "System.DateTimeOffset",
        "System.DateOnly",
        "System.TimeOnly",
        "System.TimeProvider",
        "System.Diagnostics.Stopwatch",
        "System.Random",
        "System.Security.Cryptography.RandomNumberGenerator",
        "System.Console",
        "System.Threading.Thread",
        "System.Threading.ThreadPool",
        "System.Threading.Timer",
        "System.Threading.CancellationToken",
        "System.Threading.SemaphoreSlim",
        "System.Threading.ManualResetEventSlim",
        "System.Text.RegularExpressions.Regex",
    ];

    private static readonly string[] _bannedMembers =
    [
        "System.Guid.NewGuid",
        "System.Environment.get_TickCount",
        "System.Environment.get_TickCount64",
    ];

    [Fact]
    public void The_protocol_uses_no_IO_clock_random_or_task_type() => Assert.Empty(BannedUsesOf("Longwire.Protocol"));

    [Fact]
    public void The_search_finds_what_it_looks_for()
    {
        string[] found = BannedUsesOf("Longwire");
        Assert.Contains("System.Threading.Tasks.Task", found);
        Assert.Contains("System.IO.Stream", found);
        Assert.Contains("System.IO.Pipelines.PipeReader", found);
        Assert.Contains("System.TimeProvider", found);
        Assert.Contains("System.Security.Cryptography.RandomNumberGenerator", found);
    }

    private static string[] BannedUsesOf(string project) =>
        Repository.Read(
            project,
            metadata =>
            {
                IEnumerable<string> types = metadata
                    .TypeReferences.Select(handle => NameOf(metadata, handle))
                    .Where(name =>
                        _bannedTypes.Contains(name)
                        || _bannedNamespaces.Any(space => name.StartsWith(space + ".", StringComparison.Ordinal))
                    );
                IEnumerable<string> members = metadata
                    .MemberReferences.Select(metadata.GetMemberReference)
                    .Where(member => member.Parent.Kind == HandleKind.TypeReference)
                    .Select(member => $"{NameOf(metadata, (TypeReferenceHandle)member.Parent)}.{metadata.GetString(member.Name)}")
                    .Where(_bannedMembers.Contains);
                return types.Concat(members).Distinct().Order().ToArray();
            }
        );

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        TypeReference type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? $"{NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)}.{metadata.GetString(type.Name)}"
            : $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
