//! Every fault, in every format, streamed and not.

use std::time::Duration;

use hyper::Method;
use serde_json::json;
use tokio::time::Instant;

use super::client::{Ended, PROVIDERS, ask, open, path, piece, question};
use crate::model::{Delivery, Fault, ModelSpec, Reply, RunningModel, Times};

/// Far more than a loaded machine needs for a request over loopback.
const DEADLINE: Duration = Duration::from_secs(20);

async fn model_saying(reply: Reply) -> anyhow::Result<RunningModel> {
    let model = ModelSpec::default().start().await?;
    model.reply(reply.times(Times::any()));
    Ok(model)
}

fn two_pieces() -> Reply {
    Reply::pieces(["one ", "two"])
}

#[tokio::test]
async fn a_status_comes_in_the_providers_own_words() -> anyhow::Result<()> {
    let mut fault = Fault::status(429);
    if let Fault::Status {
        message, headers, ..
    } = &mut fault
    {
        *message = Some("slow down".to_owned());
        headers.insert("retry-after".to_owned(), "7".to_owned());
    }
    let model = model_saying(Reply::failing(fault)).await?;
    let expected = [
        json!({ "error": "slow down" }),
        json!({ "error": {
            "message": "slow down", "type": "requests", "param": null, "code": "rate_limit_exceeded",
        } }),
        json!({ "type": "error", "error": { "type": "rate_limit_error", "message": "slow down" } }),
    ];
    for (provider, expected) in PROVIDERS.into_iter().zip(expected) {
        for stream in [true, false] {
            let answer = ask(&model, provider, &question("hello", stream)).await;
            assert_eq!((answer.status, answer.header("retry-after")), (429, "7"));
            assert_eq!(answer.json(), expected);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_status_may_have_a_body_of_its_own() -> anyhow::Result<()> {
    for (body, content_type, text) in [
        (
            json!("<h1>Bad gateway</h1>"),
            "text/plain; charset=utf-8",
            "<h1>Bad gateway</h1>",
        ),
        (json!({ "detail": 1 }), "application/json", "{\"detail\":1}"),
    ] {
        let mut fault = Fault::status(502);
        if let Fault::Status { body: own, .. } = &mut fault {
            *own = Some(body);
        }
        let model = model_saying(Reply::failing(fault)).await?;
        let answer = ask(&model, PROVIDERS[0], &question("hello", true)).await;
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (502, content_type)
        );
        assert_eq!(answer.body, text);
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_closes_the_connection_in_its_place() -> anyhow::Result<()> {
    for provider in PROVIDERS {
        for (after, text) in [(0, ""), (1, "one "), (2, "one two"), (9, "one two")] {
            let model = model_saying(two_pieces().fault(Fault::cut_after(after))).await?;
            let answer = ask(&model, provider, &question("hello", true)).await;
            let status = if after == 0 { 0 } else { 200 };
            assert_eq!(
                (answer.status, &answer.ended),
                (status, &Ended::Cut),
                "{provider} {after}"
            );
            assert_eq!(answer.text(provider), text);
            assert_eq!(model.requests()[0].delivery, Delivery::Broken);
        }
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_of_a_reply_in_one_piece_leaves_half_of_it() -> anyhow::Result<()> {
    let model = model_saying(Reply::text("Hello").fault(Fault::cut_after(1))).await?;
    for provider in PROVIDERS {
        let answer = ask(&model, provider, &question("hello", false)).await;
        assert_eq!(answer.ended, Ended::Cut);
        let claimed: usize = answer.header("content-length").parse()?;
        assert_eq!(answer.body.len(), claimed / 2);
    }
    Ok(())
}

#[tokio::test]
async fn a_reset_is_no_close() -> anyhow::Result<()> {
    for (after, status) in [(0, 0), (1, 200)] {
        let model = model_saying(two_pieces().fault(Fault::reset_after(after))).await?;
        let answer = ask(&model, PROVIDERS[0], &question("hello", true)).await;
        assert_eq!((answer.status, answer.ended), (status, Ended::Reset));
    }
    Ok(())
}

#[tokio::test]
async fn a_malformed_piece_comes_between_the_others() -> anyhow::Result<()> {
    let model = model_saying(two_pieces().fault(Fault::malformed_after(1))).await?;
    for provider in PROVIDERS {
        let answer = ask(&model, provider, &question("hello", true)).await;
        let lines: Vec<_> = answer.body.lines().collect();
        let broken = lines
            .iter()
            .position(|line| line.ends_with("{\"broken\": "));
        let broken = broken.expect("the piece is there");
        assert!(lines[..broken].iter().any(|line| line.contains("one ")));
        assert!(lines[broken..].iter().any(|line| line.contains("two")));
        assert_eq!(answer.ended, Ended::Complete);
        let whole = ask(&model, provider, &question("hello", false)).await;
        assert_eq!((whole.status, whole.body.as_str()), (200, "{\"broken\": "));
    }
    Ok(())
}

#[tokio::test]
async fn an_error_event_ends_a_stream() -> anyhow::Result<()> {
    let model = model_saying(two_pieces().fault(Fault::error_event(1, "overloaded"))).await?;
    for provider in PROVIDERS {
        let answer = ask(&model, provider, &question("hello", true)).await;
        assert_eq!(
            (answer.text(provider).as_str(), answer.ended),
            ("one ", Ended::Complete)
        );
        assert!(
            answer.body.trim_end().ends_with('}'),
            "nothing follows: {}",
            answer.body
        );
        let last = answer
            .body
            .lines()
            .rfind(|line| !line.is_empty())
            .expect("there are lines");
        assert!(
            last.contains("\"error\"") && last.contains("overloaded"),
            "{last}"
        );
        let whole = ask(&model, provider, &question("hello", false)).await;
        assert_eq!(whole.status, 500);
        assert!(whole.body.contains("overloaded"));
    }
    Ok(())
}

#[tokio::test]
async fn a_hang_lasts_until_it_is_released() -> anyhow::Result<()> {
    let model = model_saying(two_pieces().fault(Fault::hang().after(1))).await?;
    let body = question("hello", true).to_string();
    let answer = open(&model, &Method::POST, "/api/chat", &[], &body).await?;
    let mut answer = answer.into_body();
    let first = piece(&mut answer).await?.expect("the first piece came");
    assert!(first.contains("one "), "{first}");
    assert_eq!(model.requests()[0].delivery, Delivery::InFlight);
    model.release();
    let second = piece(&mut answer).await?.expect("the second piece came");
    assert!(second.contains("two"), "{second}");
    while piece(&mut answer).await?.is_some() {}
    assert_eq!(model.requests()[0].delivery, Delivery::Complete);
    Ok(())
}

#[tokio::test]
async fn a_release_is_for_the_requests_that_had_come() -> anyhow::Result<()> {
    let model = model_saying(Reply::text("Late").fault(Fault::hang())).await?;
    model.release();
    let asking = {
        let model = model.clone();
        tokio::spawn(async move { ask(&model, PROVIDERS[0], &question("hello", false)).await })
    };
    model.wait_for_requests(1, DEADLINE).await?;
    assert!(!asking.is_finished());
    model.release();
    assert_eq!(asking.await?.text(PROVIDERS[0]), "Late");
    Ok(())
}

#[tokio::test]
async fn a_hang_forever_ends_with_the_client() -> anyhow::Result<()> {
    for after in [0, 1] {
        let model = model_saying(two_pieces().fault(Fault::hang_forever().after(after))).await?;
        let asking = {
            let model = model.clone();
            tokio::spawn(async move { ask(&model, PROVIDERS[0], &question("hello", true)).await })
        };
        model.wait_for_requests(1, DEADLINE).await?;
        model.release();
        asking.abort();
        let left = model.wait_until(DEADLINE, |requests| {
            requests[0].delivery == Delivery::Abandoned
        });
        assert!(
            left.await.is_ok(),
            "the model saw that the client went, after {after} pieces"
        );
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn delays_are_kept() -> anyhow::Result<()> {
    let (first, between) = (Duration::from_secs(100), Duration::from_secs(10));
    let reply = Reply::pieces(["a", "b", "c"])
        .delay_first(first)
        .delay_between(between);
    let model = model_saying(reply).await?;
    for provider in PROVIDERS {
        let start = Instant::now();
        let body = question("hello", true).to_string();
        let answer = open(&model, &Method::POST, path(provider), &[], &body).await?;
        assert_eq!(start.elapsed().as_secs(), first.as_secs());
        let mut answer = answer.into_body();
        while piece(&mut answer).await?.is_some() {}
        assert_eq!(start.elapsed().as_secs(), (first + 2 * between).as_secs());
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn a_drip_gives_a_byte_at_a_time() -> anyhow::Result<()> {
    let every = Duration::from_secs(1);
    let model = model_saying(Reply::text("Hello").fault(Fault::drip(every))).await?;
    let start = Instant::now();
    let answer = ask(&model, PROVIDERS[0], &question("hello", true)).await;
    assert_eq!(answer.text(PROVIDERS[0]), "Hello");
    assert_eq!(start.elapsed().as_secs(), answer.body.len() as u64 - 1);
    Ok(())
}
