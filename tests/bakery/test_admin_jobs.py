"""Background jobs in the admin: what gave up, why, and another try."""

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from bakery.jobs.retries import MAX_ATTEMPTS
from shop.roles import COUNTER, OWNER
from shop.tasks import send_order_mail
from tests.shop.make import make_order
from tests.shop.staffing import client_of, make_staff

pytestmark = pytest.mark.django_db

LIST = "/admin/django_tasks_database/dbtaskresult/"


def make_job(status="FAILED", attempts=MAX_ATTEMPTS):
    result = send_order_mail.enqueue(make_order().pk, "confirmation")
    DBTaskResult.objects.filter(pk=result.id).update(
        status=status,
        worker_ids=[f"worker-{n}" for n in range(attempts)],
        finished_at=timezone.now(),
        exception_class_path="smtplib.SMTPServerDisconnected",
        traceback="Traceback <b>here</b>",
    )
    return DBTaskResult.objects.get(pk=result.id)


def jobs_on(client, query=""):
    answer = client.get(f"{LIST}{query}")
    assert answer.status_code == 200
    return set(answer.context["cl"].result_list)


def test_the_list_shows_what_gave_up_unless_asked_for_more():
    dead, failing = make_job(), make_job(attempts=2)
    waiting, done = make_job(status="READY"), make_job(status="SUCCESSFUL")
    owner = client_of(make_staff(OWNER))
    assert jobs_on(owner) == {dead}
    assert jobs_on(owner, "?state=failing") == {failing}
    assert jobs_on(owner, "?state=READY") == {waiting}
    assert jobs_on(owner, "?state=all") == {dead, failing, waiting, done}


def test_a_job_tells_what_it_was_for_and_what_went_wrong():
    job = make_job()
    page = client_of(make_staff(OWNER)).get(f"{LIST}{job.pk}/change/").content.decode()
    assert "send_order_mail" in page
    assert "SMTPServerDisconnected" in page
    assert "Traceback &lt;b&gt;here" in page


def try_again(client, job):
    data = {"action": "try_again", "_selected_action": [str(job.pk)]}
    return client.post(LIST, data, follow=True)


def test_the_owner_sends_a_job_back():
    job = make_job()
    page = try_again(client_of(make_staff(OWNER)), job).content.decode()
    assert "1 jobs will be tried again." in page
    job.refresh_from_db()
    assert (job.status, job.worker_ids) == ("READY", [])


def test_the_counter_may_not():
    job = make_job()
    assert try_again(client_of(make_staff(COUNTER)), job).status_code == 403
    job.refresh_from_db()
    assert job.status == "FAILED"
