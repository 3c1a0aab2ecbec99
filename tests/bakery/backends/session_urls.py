"""Two pages that write and read a session."""

from django.http import HttpResponse, JsonResponse
from django.urls import path


def put(request, word):
    request.session[word] = 1
    return HttpResponse("put")


def show(request):
    return JsonResponse(dict(request.session.items()))


urlpatterns = [path("put/<str:word>/", put), path("show/", show)]
