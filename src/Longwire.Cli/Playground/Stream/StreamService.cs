using System.Collections.Concurrent;
using Longwire.Hubs;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

namespace Longwire.Cli.Playground.Streaming;

/// <summary>
/// Tells answers token by token, in a room for each. Each piece is written down before it is told: a killed server continues where it was.
/// </summary>
internal sealed class StreamService(IHub hub, Journal journal, TimeProvider time) : BackgroundService
{
    private const int MaxQuestion = 300;
    private const int MaxRunning = 20;
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(40);
    private readonly ConcurrentDictionary<string, Telling> _running = new();

    public void Map(LongwireHubEndpointBuilder rooms)
    {
        rooms.On<Question, string>((_, question) => new ValueTask<string>(Begin(question.Text)));
        rooms
            .MapRoom("stream:{id}")
            .ReadOnly()
            .OnJoin(join =>
                IdOf(join.Room.Name) is { } id && journal.Read(id) is not null ? join.Accept() : join.Refuse("There is no such stream")
            )
            .WithState((join, _, _) => new ValueTask<RoomState>(StateOf(IdOf(join.Room.Name)!)));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await RunAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The server ends, or could not start: the host would log that as a failure.
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        foreach (string id in journal.Ids)
        {
            if (journal.Read(id) is var (question, text) && Script.AnswerTo(question) is var answer && text.Length < answer.Length)
            {
                _running.TryAdd(id, new Telling(question, answer) { Told = text.Length });
            }
        }

        using var timer = new PeriodicTimer(_pace, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach ((string id, Telling telling) in _running)
            {
                await TellAsync(id, telling, stoppingToken);
            }
        }
    }

    private static string? IdOf(string room) => room.Split(':') is [_, var id] ? id : null;

    private string Begin(string question)
    {
        if (string.IsNullOrWhiteSpace(question) || question.Length > MaxQuestion || _running.Count >= MaxRunning)
        {
            return "";
        }

        string id = journal.Begin(question);
        question = journal.Read(id)!.Value.Question;
        _running[id] = new Telling(question, Script.AnswerTo(question));
        return id;
    }

    private async Task TellAsync(string id, Telling telling, CancellationToken stoppingToken)
    {
        string piece;
        int from;
        lock (telling)
        {
            from = telling.Told;
            int end = Script.NextEnd(telling.Answer, from);
            piece = telling.Answer[from..end];
            journal.Append(id, piece);
            telling.Told = end;
        }

        bool isLast = telling.Told == telling.Answer.Length;
        if (isLast)
        {
            _running.TryRemove(id, out _);
        }

        // A member that joins between the writing and this has the piece in the state, whose version says so.
        var options = new PublishOptions { Version = telling.Told, WhenAway = WhenAway.Drop };
        await hub.Room("stream:" + id).PublishAsync(new Token(from, piece, isLast), options, stoppingToken);
    }

    private RoomState StateOf(string id)
    {
        if (_running.TryGetValue(id, out Telling? telling))
        {
            lock (telling)
            {
                return RoomState.From(new Answer(telling.Question, telling.Answer[..telling.Told], IsComplete: false), telling.Told);
            }
        }

        (string question, string text) = journal.Read(id)!.Value;
        return RoomState.From(new Answer(question, text, IsComplete: true), text.Length);
    }

    private sealed class Telling(string question, string answer)
    {
        public string Question => question;

        public string Answer => answer;

        public int Told { get; set; }
    }
}
