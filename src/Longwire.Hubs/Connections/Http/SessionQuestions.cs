using Microsoft.AspNetCore.Http;

namespace Longwire.Hubs;

/// <summary>
/// Requests over HTTP about sessions, which come at any node: the session's node deals with them. A request is asked there, and its answer
/// passed on, so that a balancer may send each one wherever it likes.
/// </summary>
internal sealed class SessionQuestions(Hub hub)
{
    /// <summary>How much longer than it would take at most another node may take to answer a poll.</summary>
    private static readonly TimeSpan _pollPatience = TimeSpan.FromSeconds(5);

    /// <summary>How long another node may take to deal with what is sent.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Has the node answer that a session is on, if that is another one. Null when there is none, or when it knows no such session.
    /// </summary>
    /// <exception cref="HubUnavailableException">The engine is away, or the node does not answer.</exception>
    public async ValueTask<HttpAnswer?> AskAsync(string? secret, Func<SecretHash, SessionQuestion> ask, CancellationToken aborted)
    {
        if (
            !SessionSecret.TryParse(secret, out string clientId, out byte[] bytes)
            || await hub.Sessions.Keeper.FindOtherNodeAsync(clientId).ConfigureAwait(false) is not { } node
        )
        {
            return null;
        }

        SessionQuestion question = ask(SecretHash.Of(bytes));
        TimeSpan time = question.Kind == SessionQuestionKind.Poll ? question.Wait + _pollPatience : _patience;
        using var patience = new CancellationTokenSource(time, hub.Context.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, aborted, hub.Context.Stopping);
        try
        {
            ReadOnlyMemory<byte>? answer = await hub
                .Context.Engine.Nodes.AskAsync(node, new NodeQuestion(clientId, question.Write()), either.Token)
                .ConfigureAwait(false);
            return HttpAnswer.Read(answer ?? default);
        }
        catch (OperationCanceledException exception) when (!aborted.IsCancellationRequested)
        {
            throw new HubUnavailableException($"Node {node} did not answer.", exception);
        }
    }

    /// <summary>Answers another node's question; with nothing where there is no such session. Never fails.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> AnswerAsync(NodeQuestion question)
    {
        try
        {
            HttpAnswer? answer = SessionQuestion.Read(question.Content) is { } asked
                ? await AnswerAsync(question.ClientId, asked, CancellationToken.None).ConfigureAwait(false)
                : null;
            return answer?.Write() ?? default(ReadOnlyMemory<byte>);
        }
        catch (Exception exception)
        {
            hub.Context.Log.RequestFailed(exception, question.ClientId);
            return default;
        }
    }

    /// <summary>Answers a request about a session of this node; null where there is none.</summary>
    public async ValueTask<HttpAnswer?> AnswerAsync(string? secret, Func<SecretHash, SessionQuestion> ask, CancellationToken aborted) =>
        SessionSecret.TryParse(secret, out string clientId, out byte[] bytes)
            ? await AnswerAsync(clientId, ask(SecretHash.Of(bytes)), aborted).ConfigureAwait(false)
            : null;

    /// <summary>Has a session deal with messages; null where it has no connection any more.</summary>
    public static async ValueTask<HttpAnswer?> SendAsync(
        HubSession session,
        HubLink link,
        PostedMessages messages,
        CancellationToken aborted
    )
    {
        if (!session.HasRoomFor(messages.Bytes))
        {
            return HttpAnswers.Refused(StatusCodes.Status429TooManyRequests, HubError.RateLimited);
        }

        if (!await messages.SendToAsync(session, link).WaitAsync(aborted).ConfigureAwait(false))
        {
            return null;
        }

        byte[] answers = HttpAnswers.Posted(messages.Answers);
        return messages.AreAllRateLimited
            ? new HttpAnswer(StatusCodes.Status429TooManyRequests, answers, RetryAfterSeconds: 1)
            : new HttpAnswer(StatusCodes.Status200OK, answers);
    }

    private async ValueTask<HttpAnswer?> AnswerAsync(string clientId, SessionQuestion question, CancellationToken aborted)
    {
        HubSession? session = hub.Sessions.FindResumable(clientId, question.Secret);
        switch (question.Kind)
        {
            case SessionQuestionKind.Poll:
                // In this order: a connection that is closed meanwhile is among the farewells before its session has ended.
                PollLink? waiting = session?.Link as PollLink ?? hub.Sessions.Farewells.Find(clientId, question.Secret) as PollLink;
                byte[]? answer = waiting is null
                    ? null
                    : await waiting.AnswerAsync(question.After, question.Wait, aborted).ConfigureAwait(false);
                return answer is null ? null : new HttpAnswer(StatusCodes.Status200OK, answer);
            case SessionQuestionKind.Send when session is { Link: { ClosedWith: null } link }:
                return PostedMessages.Read(question.Body.ToArray(), hub.Context.Settings.MaxJsonDepth) is { } messages
                    ? await SendAsync(session, link, messages, aborted).ConfigureAwait(false)
                    : null;
            case SessionQuestionKind.End when session is not null:
                session.CloseConnection(CloseStatus.NormalClosure, "");
                session.Post(new SessionEvent(SessionEventKind.End));
                return HttpAnswer.Ended;
            default:
                return null;
        }
    }
}
