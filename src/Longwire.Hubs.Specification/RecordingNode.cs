using System.Diagnostics;
using System.Text;

namespace Longwire.Hubs.Specification;

/// <summary>A node that keeps what its engine tells it.</summary>
internal sealed class RecordingNode(string id, IHubEngine engine) : IHubNode, IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly List<(string Room, Publication Publication)> _publications = [];
    private readonly List<(string Room, PresenceChange Change)> _changes = [];
    private readonly List<NodeCommand> _commands = [];
    private readonly List<AccessBlock> _blocks = [];
    private readonly List<EngineState> _states = [];

    public string Id => id;

    public IHubEngine Engine => engine;

    public IPublicationStore Publications => engine.Publications;

    public IPresenceStore Presence => engine.Presence;

    public NodeCommand[] Commands => Copy(_commands);

    public AccessBlock[] Blocks => Copy(_blocks);

    public EngineState[] States => Copy(_states);

    public Publication[] Told(string room) =>
        [.. Copy(_publications).Where(told => told.Room == room).Select(static told => told.Publication)];

    public string Offsets(string room) => string.Join(' ', Told(room).Select(static publication => publication.Position.Offset));

    public string Changes(string room) =>
        string.Join(
            ' ',
            Copy(_changes)
                .Where(told => told.Room == room)
                .Select(static told =>
                    (
                        told.Change.Kind switch
                        {
                            PresenceChangeKind.Joined => "+",
                            PresenceChangeKind.Left => "-",
                            _ => "~",
                        }
                    )
                    + $"{told.Change.Member.ClientId}={told.Change.Members}"
                    + (told.Change.IsFirstOrLastOfUser ? "!" : "")
                )
        );

    /// <summary>Waits for what an engine tells in its own time.</summary>
    public async Task ExpectAsync(Func<RecordingNode, string> what, string expected)
    {
        var waited = Stopwatch.StartNew();
        while (what(this) != expected)
        {
            if (waited.Elapsed > _patience)
            {
                throw new SpecificationException($"Node {id} should have been told '{expected}' and was told '{what(this)}'.");
            }

            await Task.Delay(1).ConfigureAwait(false);
        }
    }

    public void OnPublication(string room, Publication publication) => Add(_publications, (room, publication));

    public void OnPresence(string room, PresenceChange change) => Add(_changes, (room, change));

    public void OnCommand(NodeCommand command) => Add(_commands, command);

    /// <summary>Answers with the question, and which node it is.</summary>
    public ValueTask<ReadOnlyMemory<byte>> OnQuestionAsync(NodeQuestion question) =>
        new(Encoding.UTF8.GetBytes($"{id} {question.ClientId} {Encoding.UTF8.GetString(question.Content.Span)}"));

    public void OnBlock(AccessBlock block) => Add(_blocks, block);

    public void OnEngineState(EngineState state) => Add(_states, state);

    public ValueTask DisposeAsync() => engine.DisposeAsync();

    private void Add<T>(List<T> list, T item)
    {
        lock (_gate)
        {
            list.Add(item);
        }
    }

    private T[] Copy<T>(List<T> list)
    {
        lock (_gate)
        {
            return [.. list];
        }
    }
}
