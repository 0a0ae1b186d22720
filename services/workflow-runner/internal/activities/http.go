package activities

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"

	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/message"
	"github.com/stigmer/stigmer-e2e/services/workflow-runner/internal/value"
)

const (
	// bodyLimit bounds the bodies of requests and responses, in bytes: half of what Temporal takes in a payload (2 MiB),
	// since other values stand beside it.
	bodyLimit = 1 << 20
	// excerptLimit bounds what an error quotes of a body.
	excerptLimit = 300
	// detailLimit bounds the body that a catch sees, in bytes: Temporal cuts large errors down to nothing.
	detailLimit = 16 << 10
	formType    = "application/x-www-form-urlencoded"
	jsonType    = "application/json"
)

func newWebClient() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment,
			// A host that does not answer within this will not within the whole limit of a request, either.
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			ForceAttemptHTTP2:   true,
			MaxIdleConnsPerHost: 16,
			IdleConnTimeout:     30 * time.Second,
			// Room for large cookies and tokens; the library's 1 MiB is more than any service sends.
			MaxResponseHeaderBytes: 256 << 10,
		},
		// A redirect is an answer like any other: it may lead to a host that must not see the request's headers.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// HTTP makes a request and gives the body of the response, decoded when it is JSON.
func (a *Activities) HTTP(ctx context.Context, w work, call message.HTTPRequest) (message.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	request, err := newRequest(ctx, w, call)
	if err != nil {
		return message.Result{}, &failure{kind: message.HTTPError, text: err.Error()}
	}
	what := request.Method + " " + request.URL.Redacted()
	response, err := a.web.Do(request)
	if err != nil {
		return message.Result{}, unanswered(ctx, what, call.Timeout, err)
	}
	defer response.Body.Close()
	content, err := read(response)
	if err != nil {
		var tooLarge *failure
		if errors.As(err, &tooLarge) {
			tooLarge.text = what + " " + tooLarge.text
			return message.Result{}, tooLarge
		}
		return message.Result{}, unanswered(ctx, what, call.Timeout, err)
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return message.Result{}, refused(what, response, content)
	}
	return message.Result{
		Value: value.Value{V: content}, Notes: map[string]any{"http_status": response.StatusCode},
	}, nil
}

func newRequest(ctx context.Context, w work, call message.HTTPRequest) (*http.Request, error) {
	address, err := w.vault.RevealText(call.URI)
	if err != nil {
		return nil, err
	}
	parsed, err := url.Parse(address)
	if err != nil {
		// The library's error quotes the address, and in it perhaps a part of a secret.
		return nil, fmt.Errorf("%q is no address", w.vault.MaskText(address))
	}
	if !slices.Contains([]string{"http", "https"}, parsed.Scheme) || parsed.Host == "" {
		return nil, fmt.Errorf("%q is no address; write http://HOST/… or https://HOST/…", w.vault.MaskText(address))
	}
	header := http.Header{}
	for name, text := range call.Headers {
		revealed, err := w.vault.RevealText(text)
		if err != nil {
			return nil, err
		}
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(revealed) {
			return nil, fmt.Errorf("the header %q has characters that no header may have", name)
		}
		header.Set(name, revealed)
	}
	body, err := encodeBody(w, call.Body, header)
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, call.Method, address, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.Header = header
	if host := header.Get("Host"); host != "" {
		request.Host = host
	}
	return request, nil
}

// encodeBody writes the body as JSON, or as a form when the headers say so.
func encodeBody(w work, given *value.Value, header http.Header) ([]byte, error) {
	if given == nil {
		return nil, nil
	}
	revealed, err := w.reveal(given.V)
	if err != nil {
		return nil, err
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", jsonType)
	}
	var body []byte
	fields, isObject := revealed.(map[string]any)
	if isForm(header) && isObject {
		body, err = encodeForm(fields)
	} else {
		body, err = value.Encode(revealed)
	}
	if err == nil && len(body) > bodyLimit {
		err = fmt.Errorf("the body has %d bytes; the limit is %d", len(body), bodyLimit)
	}
	return body, err
}

func isForm(header http.Header) bool {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	return err == nil && media == formType
}

func encodeForm(fields map[string]any) ([]byte, error) {
	form := url.Values{}
	for name, field := range fields {
		text, err := value.Text(field)
		if err != nil {
			return nil, err
		}
		form.Set(name, text)
	}
	return []byte(form.Encode()), nil
}

// read takes the body of a response: a JSON value, or else a text; nil when it is empty.
func read(response *http.Response) (any, error) {
	body, err := io.ReadAll(io.LimitReader(response.Body, bodyLimit+1))
	switch {
	case err != nil:
		return nil, err
	case len(body) > bodyLimit:
		return nil, &failure{
			kind: message.HTTPError, text: fmt.Sprintf("answered with more than %d bytes, which is the limit", bodyLimit),
		}
	case len(body) == 0:
		return nil, nil
	}
	if decoded, err := value.Decode(body); err == nil {
		return decoded, nil
	}
	return strings.ToValidUTF8(string(body), "�"), nil
}

// refused is the failure of a response that is no success. Only what the server calls its own fault may pass.
func refused(what string, response *http.Response, content any) error {
	text := fmt.Sprintf("%s answered %s", what, response.Status)
	if target := response.Header.Get("Location"); target != "" && response.StatusCode < http.StatusBadRequest {
		text += " to " + target + "; redirects are not followed"
	} else if content != nil {
		if quoted, err := value.Text(content); err == nil {
			text += ": " + excerpt(quoted)
		}
	}
	return &failure{
		kind:    message.HTTPError,
		text:    text,
		passing: response.StatusCode >= http.StatusInternalServerError,
		details: message.Failure{Status: response.StatusCode, Body: detail(content)},
	}
}

// detail is a body as part of an error, nil when it is too large for one.
func detail(content any) *value.Value {
	if content == nil || !value.Fits(content, detailLimit) {
		return nil
	}
	return &value.Value{V: content}
}

// unanswered is the failure of a request that got no whole response.
func unanswered(ctx context.Context, what string, limit time.Duration, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		// The address stands in the text already, without its password.
		err = wrapped.Err
	}
	text := fmt.Sprintf("%s: %v", what, err)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		text = fmt.Sprintf("%s did not answer within %s", what, limit)
	}
	return &failure{kind: message.HTTPError, text: text, passing: true}
}

func excerpt(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > excerptLimit {
		return string(runes[:excerptLimit]) + "…"
	}
	return text
}
