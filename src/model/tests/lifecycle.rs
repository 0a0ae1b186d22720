//! Start, stop, waiting, and many at once.

use std::time::Duration;

use hyper::Method;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::client::{PROVIDERS, ask, open, piece, question};
use crate::model::{Fault, ModelError, ModelScript, ModelSpec, Reply, RunningModel};

/// Far more than a loaded machine needs for a request over loopback.
const DEADLINE: Duration = Duration::from_secs(20);

async fn is_refused(address: &str) {
    let address = address.replace("http://", "");
    let refused = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(DEADLINE, refused)
        .await
        .expect("nobody listens any more");
}

#[tokio::test]
async fn the_last_handle_stops_the_server_and_its_connections() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    model.reply(Reply::pieces(["one", "two"]).fault(Fault::hang_forever().after(1)));
    let body = question("hello", true).to_string();
    let mut hanging = open(&model, &Method::POST, "/api/chat", &[], &body)
        .await?
        .into_body();
    piece(&mut hanging).await?;
    let (url, clone) = (model.url(), model.clone());
    drop(model);
    assert!(clone.requests().len() == 1, "a clone keeps it");
    drop(clone);
    is_refused(&url).await;
    let end = tokio::time::timeout(DEADLINE, piece(&mut hanging)).await?;
    assert!(end.is_err(), "the connection in flight was ended");
    Ok(())
}

#[test]
fn no_task_and_no_thread_is_left() -> anyhow::Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let model = runtime.block_on(ModelSpec::default().start())?;
    model.reply(Reply::text("x").fault(Fault::hang_forever()));
    let asking = {
        let model = model.clone();
        runtime.spawn(async move { ask(&model, PROVIDERS[0], &question("hello", true)).await })
    };
    runtime.block_on(model.wait_for_requests(1, DEADLINE))?;
    assert!(runtime.metrics().num_alive_tasks() > 1);
    asking.abort();
    drop(model);
    runtime.block_on(async {
        let none = async {
            while runtime.metrics().num_alive_tasks() > 0 {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(DEADLINE, none).await
    })?;
    Ok(())
}

#[test]
fn it_runs_on_a_thread_of_its_own_where_no_runtime_is() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("Hello")).start_on_thread()?;
    let url = model.url();
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(ask(&model, PROVIDERS[0], &question("hello", false)));
    assert_eq!(answer.text(PROVIDERS[0]), "Hello");
    drop(model);
    runtime.block_on(is_refused(&url));
    Ok(())
}

#[tokio::test]
async fn two_hundred_models_are_asked_at_once_and_nothing_mixes() -> anyhow::Result<()> {
    let mut asking = JoinSet::new();
    for number in 0..200 {
        let model = ModelSpec::default().start().await?;
        asking.spawn(async move {
            let provider = PROVIDERS[number % 3];
            for turn in 0..3 {
                model.reply(Reply::text(format!("model {number} turn {turn}")).chunks_of(4));
            }
            for turn in 0..3 {
                let text = format!("question {number} {turn}");
                let answer = ask(&model, provider, &question(&text, turn != 1)).await;
                assert_eq!(answer.text(provider), format!("model {number} turn {turn}"));
                assert_eq!(model.requests()[turn].user_text(), Some(text.as_str()));
            }
            model.verify()
        });
    }
    for result in asking.join_all().await {
        result?;
    }
    Ok(())
}

#[tokio::test]
async fn two_hundred_requests_at_once_get_a_reply_each() -> anyhow::Result<()> {
    let model = ModelSpec::default().start().await?;
    for number in 0..200 {
        model.reply(format!("reply {number}"));
    }
    let mut asking = JoinSet::new();
    for number in 0..200 {
        let model = model.clone();
        asking.spawn(async move {
            let provider = PROVIDERS[number % 3];
            ask(&model, provider, &question("hello", true))
                .await
                .text(provider)
        });
    }
    let mut texts = asking.join_all().await;
    texts.sort();
    let mut expected: Vec<_> = (0..200).map(|number| format!("reply {number}")).collect();
    expected.sort();
    assert_eq!(texts, expected);
    model.verify()?;
    Ok(())
}

#[tokio::test]
async fn waiting_ends_with_the_requests_or_says_which_came() -> anyhow::Result<()> {
    let model = ModelSpec::new(ModelScript::new().reply("a").reply("b"))
        .start()
        .await?;
    let asking = {
        let model = model.clone();
        tokio::spawn(async move {
            for text in ["first", "second"] {
                ask(&model, PROVIDERS[0], &question(text, true)).await;
            }
        })
    };
    let requests = model.wait_for_requests(2, DEADLINE).await?;
    assert_eq!(requests[1].user_text(), Some("second"));
    asking.await?;
    let short = Duration::from_millis(1);
    let error = model
        .wait_for_requests(3, short)
        .await
        .expect_err("there are two");
    assert!(matches!(
        error,
        ModelError::TooFewRequests {
            wanted: 3,
            came: 2,
            ..
        }
    ));
    let text = error.to_string();
    assert!(
        text.starts_with("2 of 3 requests reached the model within 1ms\n  ollama, "),
        "{text}"
    );
    Ok(())
}

#[tokio::test]
async fn a_connection_serves_request_after_request() -> anyhow::Result<()> {
    let model: RunningModel = ModelSpec::default().start().await?;
    model.reply("first");
    model.reply("second");
    let stream = TcpStream::connect(model.url().replace("http://", "")).await?;
    let io = hyper_util::rt::TokioIo::new(stream);
    let (mut sender, connection) = hyper::client::conn::http1::handshake(io).await?;
    tokio::spawn(connection);
    for expected in ["first", "second"] {
        let request = hyper::Request::post("/api/chat")
            .header("host", "model")
            .body(question("hello", true).to_string())?;
        sender.ready().await?;
        let mut body = sender.send_request(request).await?.into_body();
        let mut text = String::new();
        while let Some(part) = piece(&mut body).await? {
            text.push_str(&part);
        }
        assert!(text.contains(expected), "{text}");
    }
    Ok(())
}
